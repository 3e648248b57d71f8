// Package vaultfront is package front before a Vault: operations are named as Vault's paths do, refusals are worded as
// its are.
package vaultfront

import (
	"errors"
	"net/http"
	"path"
	"strings"

	"github.com/hashicorp/vault/sdk/helper/consts"
	"github.com/hashicorp/vault/sdk/logical"

	"github.com/sealwax/sealwax/internal/e2e/front"
)

// Front passes requests on, and can refuse them as Vault would.
type Front struct{ *front.Front }

// New returns a Front before next that disturbs nothing.
func New(next http.Handler) *Front { return &Front{front.New(next, operation)} }

// operation names what is asked for: "encrypt", "decrypt" or "keys" below a mount of one segment, the last segment of
// everything else, as in "renew-self".
func operation(r *http.Request) string {
	segments := strings.Split(strings.TrimPrefix(r.URL.Path, "/v1/"), "/")
	if len(segments) == 3 && segments[0] != "auth" {
		return segments[1]
	}
	return path.Base(r.URL.Path)
}

// Seal makes every request fail as with a sealed Vault.
func (f *Front) Seal() { f.Refuse(refuse(http.StatusServiceUnavailable, consts.ErrSealed), 0) }

// Deny makes requests of these operations, or every request, fail as without the right to it.
func (f *Front) Deny(operations ...string) {
	f.Refuse(refuse(http.StatusForbidden, logical.ErrPermissionDenied), 0, operations...)
}

// Fail makes the next n requests fail with status 500.
func (f *Front) Fail(n int) {
	f.Refuse(refuse(http.StatusInternalServerError, errors.New("internal error")), n)
}

// Throttle makes the next n requests fail as over a rate limit quota.
func (f *Front) Throttle(n int) {
	f.Refuse(refuse(http.StatusTooManyRequests, logical.ErrRateLimitQuotaExceeded), n)
}

func refuse(status int, err error) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { logical.RespondError(w, status, err) }
}
