package awskms

import (
	"bytes"
	"encoding/json"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sealwax/sealwax/internal/e2e/awsserver"
)

// localKMS is a process of local-kms behind a front that counts and disturbs, with the key that alias/app means and another
// one. Three things that KMS does and local-kms does not are done by the front: a blob of another key than the one that is
// named is refused (local-kms looks at the name alone), a blob that is cut off where local-kms crashes is refused as any
// other, and credentials may have expired (local-kms takes all).
type localKMS struct {
	*awsserver.Front
	URL        string
	app, other string // ARNs
	proxy      *httputil.ReverseProxy

	mu      sync.Mutex
	expired string // an access key ID
}

// newLocalKMS starts local-kms for an account, as a TLS server if it is given a start of httptest for that.
func newLocalKMS(t testing.TB, ofAccount string, start func(*httptest.Server)) *localKMS {
	t.Helper()
	target := startLocalKMS(t, ofAccount)
	l := &localKMS{proxy: httputil.NewSingleHostReverseProxy(target)}
	l.proxy.ErrorHandler = crashed
	l.proxy.ErrorLog = log.New(io.Discard, "", 0)
	l.Front = awsserver.NewFront(http.HandlerFunc(l.pass))
	server := httptest.NewUnstartedServer(l.Front)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	start(server)
	l.URL = server.URL
	t.Cleanup(func() {
		l.Restore()
		server.CloseClientConnections()
		server.Close()
		l.proxy.Transport.(*http.Transport).CloseIdleConnections()
	})
	l.proxy.Transport = http.DefaultTransport.(*http.Transport).Clone()
	l.app, l.other = l.createKey(t, "alias/app"), l.createKey(t, "alias/other")
	return l
}

// startLocalKMS returns where the process listens.
func startLocalKMS(t testing.TB, ofAccount string) *url.URL {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	listener.Close() // local-kms takes a port, not a listener
	_, port, _ := net.SplitHostPort(address)
	cmd := exec.Command(localKMSBinary)
	cmd.Env = append(os.Environ(), "PORT="+port, "KMS_REGION="+region, "KMS_ACCOUNT_ID="+ofAccount, "KMS_DATA_PATH="+filepath.Join(t.TempDir(), "data"))
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait() // killed, as was wanted
	})
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		conn, err := net.Dial("tcp", address)
		if err == nil {
			conn.Close()
			return &url.URL{Scheme: "http", Host: address}
		}
		if time.Now().After(deadline) {
			t.Fatalf("local-kms does not listen: %v", err)
		}
	}
}

func (l *localKMS) pass(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the client has gone
	}
	l.mu.Lock()
	expired := l.expired
	l.mu.Unlock()
	switch {
	case expired != "" && strings.Contains(r.Header.Get("Authorization"), "Credential="+expired+"/"):
		refuse(w, "ExpiredTokenException", "The security token included in the request is expired")
		return
	case awsserver.Operation(r) == "Decrypt" && l.namesAnotherKey(body):
		refuse(w, "IncorrectKeyException", "The key ID in the request does not identify a CMK that can perform this operation.")
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	l.proxy.ServeHTTP(w, r)
}

// namesAnotherKey compares the key that a request names with the one in its blob: a byte for the length, and the ARN.
func (l *localKMS) namesAnotherKey(body []byte) bool {
	var in struct {
		KeyId          string
		CiphertextBlob []byte
	}
	if json.Unmarshal(body, &in) != nil || len(in.CiphertextBlob) == 0 || in.KeyId == "" {
		return false
	}
	n := int(in.CiphertextBlob[0])
	if len(in.CiphertextBlob) < 1+n {
		return false // local-kms refuses it
	}
	want := map[string]string{"alias/app": l.app, "alias/other": l.other}[in.KeyId]
	if want == "" {
		want = in.KeyId
	}
	return !strings.HasSuffix(want, string(in.CiphertextBlob[1:1+n])) // an ID is the end of its ARN
}

// crashed answers for a request that local-kms panicked on.
func crashed(w http.ResponseWriter, _ *http.Request, _ error) {
	refuse(w, "InvalidCiphertextException", "")
}

func refuse(w http.ResponseWriter, code, message string) {
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	w.WriteHeader(http.StatusBadRequest)
	json.NewEncoder(w).Encode(map[string]string{"__type": code, "message": message}) // the client has gone if this fails
}

func (l *localKMS) expire(accessKeyID string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.expired = accessKeyID
}

func (l *localKMS) createKey(t testing.TB, alias string) string {
	t.Helper()
	made := l.admin(t, "CreateKey", map[string]any{})
	arn := made["KeyMetadata"].(map[string]any)["Arn"].(string)
	l.admin(t, "CreateAlias", map[string]any{"AliasName": alias, "TargetKeyId": arn})
	return arn
}

// admin sends a request past the front. local-kms checks no signature.
func (l *localKMS) admin(t testing.TB, operation string, in map[string]any) map[string]any {
	t.Helper()
	body, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	req := httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(body)) // not with the context of t, which has ended in a cleanup
	req.Header.Set("Content-Type", "application/x-amz-json-1.1")
	req.Header.Set("X-Amz-Target", "TrentService."+operation)
	rec := httptest.NewRecorder()
	l.proxy.ServeHTTP(rec, req)
	out := map[string]any{}
	json.Unmarshal(rec.Body.Bytes(), &out) // some answer nothing
	if rec.Code != http.StatusOK {
		t.Fatalf("%s: %d %s", operation, rec.Code, rec.Body)
	}
	return out
}
