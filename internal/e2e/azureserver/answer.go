package azureserver

import (
	"encoding/json"
	"net/http"
)

// problem is an error of a vault: {"error": {"code": …, "message": …, "innererror": {"code": …}}}.
type problem struct {
	Code    string
	Message string
	Inner   string // may be empty
}

func (p problem) MarshalJSON() ([]byte, error) {
	e := map[string]any{"code": p.Code, "message": p.Message}
	if p.Inner != "" {
		e["innererror"] = map[string]any{"code": p.Inner}
	}
	return json.Marshal(map[string]any{"error": e})
}

func refuse(status int, p problem) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) { answer(w, status, p) }
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(body) // the client has gone if this fails
}
