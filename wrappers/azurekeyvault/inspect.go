package azurekeyvault

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/keyvault/azkeys"

	"github.com/sealwax/sealwax/internal/arrival"
	"github.com/sealwax/sealwax/wrappers"
)

// What roles call the rights that Inspect asks for. Neither is needed for anything else.
const (
	rightRead   = "Microsoft.KeyVault/vaults/keys/read"
	rightPolicy = "Microsoft.KeyVault/vaults/keyrotationpolicies/read"
)

// Inspect asks for the key and its rotation policy, and for the deleted key if there is none.
func (w *Wrapper) Inspect(ctx context.Context) (*wrappers.Inspection, error) {
	found := &wrappers.Inspection{Endpoint: w.config.endpoint(), Credentials: w.config.source()}
	var key azkeys.KeyBundle
	err := w.look(ctx, "get", found, func(ctx context.Context, c *azkeys.Client) error {
		answer, err := c.GetKey(ctx, w.config.KeyName, "", nil)
		key = answer.KeyBundle
		return err
	})
	var refused *refusal
	if err != nil && (!errors.As(err, &refused) || refused.op == login) {
		return nil, err // nobody answered, or nobody let us in
	}
	found.Rights = append(found.Rights, wrappers.Right{Name: rightRead, Err: err})
	switch {
	case err == nil:
		w.describe(found, &key)
		w.inspectRotation(ctx, found)
	case refused.status == http.StatusNotFound:
		w.inspectDeleted(ctx, found)
	case refused.inner == "KeyDisabled":
		found.State = wrappers.KeyDisabled
	}
	return found, nil
}

// look makes a request and notes who answered, and when.
func (w *Wrapper) look(ctx context.Context, op string, found *wrappers.Inspection, f func(context.Context, *azkeys.Client) error) error {
	var answer *http.Response
	err := w.call(ctx, request{op, w.key}, func(ctx context.Context, c *azkeys.Client) error {
		answer = nil
		return f(policy.WithCaptureResponse(ctx, &answer), c)
	})
	var refused *refusal
	if answer == nil || errors.As(err, &refused) && refused.op == login {
		return err
	}
	found.LocalTime = time.Now()
	found.Certificate, found.ServerTime = arrival.Of(answer)
	found.Identity = identityIn(answer.Request.Header.Get("Authorization"))
	return err
}

func (w *Wrapper) describe(found *wrappers.Inspection, key *azkeys.KeyBundle) {
	if key.Key != nil && key.Key.KID != nil {
		found.Version, _ = w.versionOf(string(*key.Key.KID)) // "" for what is no version
	}
	if key.Attributes == nil {
		return
	}
	found.State = wrappers.KeyEnabled
	if enabled := key.Attributes.Enabled; enabled != nil && !*enabled {
		found.State = wrappers.KeyDisabled
	}
	var details []string
	if begin := key.Attributes.NotBefore; begin != nil {
		details = append(details, "not before "+day(*begin))
	}
	if end := key.Attributes.Expires; end != nil {
		details = append(details, "expires on "+day(*end))
	}
	found.StateDetail = strings.Join(details, ", ")
}

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }

func (w *Wrapper) inspectRotation(ctx context.Context, found *wrappers.Inspection) {
	var made azkeys.KeyRotationPolicy
	err := w.look(ctx, "rotationpolicy", found, func(ctx context.Context, c *azkeys.Client) error {
		answer, err := c.GetKeyRotationPolicy(ctx, w.config.KeyName, nil)
		made = answer.KeyRotationPolicy
		return err
	})
	found.Rights = append(found.Rights, wrappers.Right{Name: rightPolicy, Err: err})
	if err == nil {
		found.Rotation = rotation(&made)
	}
}

// rotation says what a policy does by itself. Its other action is to tell somebody.
func rotation(p *azkeys.KeyRotationPolicy) string {
	for _, a := range p.LifetimeActions {
		if a.Action == nil || a.Action.Type == nil || !strings.EqualFold(string(*a.Action.Type), "rotate") || a.Trigger == nil {
			continue
		}
		switch t := a.Trigger; {
		case t.TimeAfterCreate != nil:
			return fmt.Sprintf("automatic, %s after a version was made", *t.TimeAfterCreate)
		case t.TimeBeforeExpiry != nil:
			return fmt.Sprintf("automatic, %s before a version expires", *t.TimeBeforeExpiry)
		}
	}
	return "off"
}

// inspectDeleted looks for the key among the deleted ones, which wait for a recovery.
func (w *Wrapper) inspectDeleted(ctx context.Context, found *wrappers.Inspection) {
	found.StateDetail = "there is no such key"
	err := w.look(ctx, "deletedkeys", found, func(ctx context.Context, c *azkeys.Client) error {
		answer, err := c.GetDeletedKey(ctx, w.config.KeyName, nil)
		if err == nil {
			found.State, found.StateDetail = wrappers.KeyPendingDeletion, "deleted, can be recovered"
			if purge := answer.ScheduledPurgeDate; purge != nil {
				found.StateDetail += " until " + day(*purge)
			}
		}
		return err
	})
	if err == nil {
		found.Rights = nil // the right to read is there, and the key is not
	}
}

// source says where the credentials come from.
func (c *Config) source() string {
	switch {
	case c.ClientSecret != nil:
		return "client_secret of the config"
	case c.hasSecret():
		return "the environment variable AZURE_CLIENT_SECRET"
	}
	return "the machine: environment, workload identity, managed identity, or az login"
}

// identityIn returns whom a token is for, "" if it does not tell. It is our own token, so its signature is not looked at.
func identityIn(authorization string) string {
	parts := strings.Split(authorization, ".")
	if len(parts) != 3 {
		return ""
	}
	var claims struct{ AppID, UPN, OID, TID string }
	raw, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil || json.Unmarshal(raw, &claims) != nil {
		return ""
	}
	switch {
	case claims.UPN != "":
		return fmt.Sprintf("user %s of tenant %s", claims.UPN, claims.TID)
	case claims.AppID != "":
		return fmt.Sprintf("application %s (object %s) of tenant %s", claims.AppID, claims.OID, claims.TID)
	}
	return ""
}
