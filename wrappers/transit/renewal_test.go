package transit

import (
	"errors"
	"testing"
	"time"

	"github.com/hashicorp/vault/api"
)

func TestNextRenewal(t *testing.T) {
	answer := func(renewable bool, lease int) *api.Secret {
		return &api.Secret{Auth: &api.SecretAuth{Renewable: renewable, LeaseDuration: lease}}
	}
	status := func(code int) error { return &api.ResponseError{StatusCode: code} }
	const hour = time.Hour
	for _, c := range []struct {
		name     string
		answer   *api.Secret
		err      error
		min, max time.Duration
	}{
		{"renewed for an hour", answer(true, 3600), nil, hour / 2, hour * 3 / 4},
		{"renewed for a second", answer(true, 1), nil, time.Second / 2, time.Second * 3 / 4},
		{"root token", answer(false, 0), nil, 0, 0},
		{"at its maximum", answer(false, 60), nil, 0, 0},
		{"no lease", answer(true, 0), nil, 0, 0},
		{"not an answer of Vault", &api.Secret{}, nil, 0, 0},
		{"nothing", nil, nil, 0, 0},
		{"expired", nil, status(403), 0, 0},
		{"batch token", nil, status(400), 0, 0},
		{"sealed", nil, status(503), 10 * time.Second, 15 * time.Second},
		{"rate limit", nil, status(429), 10 * time.Second, 15 * time.Second},
		{"network", nil, errors.New("reset"), 10 * time.Second, 15 * time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			for range 100 {
				if got := nextRenewal(c.answer, c.err); got < c.min || got > c.max {
					t.Fatalf("got %v, want %v to %v", got, c.min, c.max)
				}
			}
		})
	}
}
