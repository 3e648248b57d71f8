package awskms

import (
	"net/http"
	"testing"

	"github.com/sealwax/sealwax/wrappers"
)

// The whole of it is in internal/e2e.

func TestInspectWithoutADate(t *testing.T) {
	a := answeringWith(t, func(w http.ResponseWriter, _ seen) {
		w.Header()["Date"] = nil
		w.Write([]byte(`{}`))
	})
	w := newWrapper(t, Config{Endpoint: a.URL})
	got, err := w.Inspect(t.Context())
	if err != nil || !got.ServerTime.IsZero() || got.State != "" || got.Rotation != "off" {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestInspectIsNotToldWhereSTSIs(t *testing.T) {
	a := answering(t, 200, `{}`)
	w := newWrapper(t, Config{Endpoint: a.URL})
	t.Setenv("AWS_ENDPOINT_URL_STS", "sts")
	_, err := w.Inspect(t.Context())
	wantError(t, w, err, "AWS_ENDPOINT_URL_STS is not the URL of a host", wrappers.Ask, "")
}
