package transit

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/hashicorp/vault/api"

	"github.com/sealwax/sealwax/internal/secret"
	"github.com/sealwax/sealwax/internal/sleep"
)

const (
	renewTimeout = 30 * time.Second // of one request
	renewRetry   = 10 * time.Second // after a request that failed and may work later
)

// keepToken renews the token in use in the background, from now until close. Further calls do nothing until the
// token is another one. It is called after a success, when the Vault and the token are known to be good.
//
// The API client's own LifetimeWatcher is not used because its requests take no context: one to a silent Vault would
// outlive close by a minute.
func (c *conn) keepToken() {
	if c.config.DisableRenewal {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	token := c.client.Token()
	now := secret.Copy([]byte(token))
	if token == "" || now.Equal(c.kept) || c.ctx.Err() != nil {
		now.Clear()
		return
	}
	c.kept.Clear()
	c.kept = now
	c.renewal.Go(func() { c.renew(token) })
}

// renew returns when there is nothing more to renew: close, another token, or one that cannot be renewed.
func (c *conn) renew(token string) {
	for c.client.Token() == token {
		wait := nextRenewal(c.renewOnce())
		if wait == 0 {
			return
		}
		if !sleep.For(c.ctx, wait) {
			return
		}
	}
}

func (c *conn) renewOnce() (*api.Secret, error) {
	ctx, cancel := context.WithTimeout(c.ctx, renewTimeout)
	defer cancel()
	return c.client.Auth().Token().RenewSelfWithContext(ctx, 0)
}

// nextRenewal returns how long to wait after an answer, 0 to stop. Half to three quarters of the lease leave time for
// retries, and keep the servers of a cluster apart.
func nextRenewal(answer *api.Secret, err error) time.Duration {
	var refused *api.ResponseError
	switch {
	case errors.As(err, &refused) && refused.StatusCode < http.StatusInternalServerError && refused.StatusCode != http.StatusTooManyRequests:
		return 0 // expired, or without the right to renew itself
	case err != nil:
		return renewRetry + rand.N(renewRetry/2)
	case answer == nil || answer.Auth == nil || !answer.Auth.Renewable || answer.Auth.LeaseDuration <= 0:
		return 0 // at its maximum, or a root token, which never ends
	}
	lease := time.Duration(answer.Auth.LeaseDuration) * time.Second
	return lease/2 + rand.N(lease/4)
}
