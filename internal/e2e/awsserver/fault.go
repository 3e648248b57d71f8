package awsserver

import (
	"io"
	"net/http"
)

// fault is what happens to requests instead of an answer. The zero fault is none.
type fault struct {
	answer func(http.ResponseWriter, *http.Request)
	only   []string      // the operations that it happens to, none for all
	left   int           // requests that it still happens to, 0 for all
	ended  chan struct{} // closed when the fault ends
}

// disturb reports whether the fault answered the request.
func (f fault) disturb(w http.ResponseWriter, r *http.Request) bool {
	if f.answer == nil {
		return false
	}
	f.answer(w, r)
	return true
}

func (f *Front) set(next fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.fault.ended != nil {
		close(f.fault.ended)
	}
	f.fault = next
}

// Restore ends every fault.
func (f *Front) Restore() { f.set(fault{}) }

// Deny makes requests of these operations, or every request, fail as without the right to it.
func (f *Front) Deny(operations ...string) {
	f.set(fault{only: operations, answer: func(w http.ResponseWriter, r *http.Request) {
		refuse("AccessDeniedException", "User: arn:aws:sts::111122223333:assumed-role/app/test is not authorized to perform: kms:%s on this resource because no identity-based policy allows the kms:%s action", Operation(r), Operation(r)).answer(w)
	}})
}

// Fail makes the next n requests fail with status 500.
func (f *Front) Fail(n int) {
	f.set(fault{left: n, answer: func(w http.ResponseWriter, _ *http.Request) {
		(&refusal{http.StatusInternalServerError, "KMSInternalException", "The request was rejected because an internal exception occurred."}).answer(w)
	}})
}

// Throttle makes the next n requests fail as over the quota.
func (f *Front) Throttle(n int) {
	f.set(fault{left: n, answer: func(w http.ResponseWriter, _ *http.Request) {
		refuse("ThrottlingException", "Rate exceeded").answer(w)
	}})
}

// Refuse makes every request fail with this code of AWS.
func (f *Front) Refuse(code, message string) {
	f.set(fault{answer: func(w http.ResponseWriter, _ *http.Request) { refuse(code, "%s", message).answer(w) }})
}

// Hang takes requests of these operations, or every request, and does not answer, until Restore.
func (f *Front) Hang(operations ...string) {
	ended := make(chan struct{})
	f.set(fault{only: operations, ended: ended, answer: func(_ http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body) // the end of a connection is seen only behind the body
		select {
		case <-ended:
		case <-r.Context().Done():
		}
		panic(http.ErrAbortHandler)
	}})
}

// Cut closes the connection of the next n requests in the middle of the answer.
func (f *Front) Cut(n int) {
	f.set(fault{left: n, answer: func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		w.Write([]byte(`{"Plaint`))
		http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}})
}
