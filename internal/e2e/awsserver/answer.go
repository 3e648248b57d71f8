package awsserver

import (
	"encoding/json"
	"fmt"
	"net/http"
)

// refusal is an answer of AWS that is an error.
type refusal struct {
	status  int
	code    string
	message string
}

func refuse(code, format string, args ...any) *refusal {
	return &refusal{http.StatusBadRequest, code, fmt.Sprintf(format, args...)}
}

// answer spells the refusal as AWS's JSON services do.
func (r *refusal) answer(w http.ResponseWriter) {
	w.Header().Set("X-Amzn-Errortype", r.code)
	respond(w, r.status, map[string]string{"__type": r.code, "message": r.message})
}

func (r *refusal) serve(w http.ResponseWriter, _ *http.Request) { r.answer(w) }

func respond(w http.ResponseWriter, status int, body any) {
	b, err := json.Marshal(body)
	if err != nil {
		panic(err) // these are maps and structs of this package
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	w.WriteHeader(status)
	w.Write(b) // the client has gone if this fails
}
