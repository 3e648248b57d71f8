package gcpckms

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"cloud.google.com/go/compute/metadata"
	"cloud.google.com/go/iam/apiv1/iampb"
	cloudkms "cloud.google.com/go/kms/apiv1"
	"cloud.google.com/go/kms/apiv1/kmspb"

	"github.com/sealwax/sealwax/wrappers"
)

// permissions are what a process needs at most: to wrap, to unwrap, and for doctor.
var permissions = []string{
	"cloudkms.cryptoKeyVersions.useToEncrypt",
	"cloudkms.cryptoKeyVersions.useToDecrypt",
	"cloudkms.cryptoKeys.get",
}

// Inspect reads the key, and which permissions we have on it: two calls.
func (w *Wrapper) Inspect(ctx context.Context) (*wrappers.Inspection, error) {
	granted, seen, err := call(ctx, w, "inspect", (*cloudkms.KeyManagementClient).TestIamPermissions,
		&iampb.TestIamPermissionsRequest{Resource: w.config.keyName(), Permissions: permissions})
	if err != nil {
		// It needs no permission: there is no connection, no credentials or no key.
		return &wrappers.Inspection{Endpoint: w.endpoint()}, err
	}
	found := &wrappers.Inspection{
		Endpoint:    w.endpoint(),
		Certificate: seen.certificate(),
		ServerTime:  seen.date(),
		LocalTime:   time.Now(),
		Rights:      rights(granted.Permissions, seen.account),
	}
	w.describeAccount(ctx, found)
	key, _, err := call(ctx, w, "inspect", (*cloudkms.KeyManagementClient).GetCryptoKey,
		&kmspb.GetCryptoKeyRequest{Name: w.config.keyName()})
	switch {
	case err != nil:
		found.Rights[len(found.Rights)-1].Err = err // says more than "not granted"
	case key.GetName() != w.config.keyName():
		return nil, &setupError{errOtherKey}
	default:
		w.describeKey(found, key)
	}
	return found, nil
}

func rights(granted []string, account string) []wrappers.Right {
	var all []wrappers.Right
	for _, permission := range permissions {
		right := wrappers.Right{Name: permission}
		if !slices.Contains(granted, permission) {
			right.Err = &notGrantedError{permission, account}
		}
		all = append(all, right)
	}
	return all
}

// endpoint returns what Google's library connects to, whether or not that is there, and "" if it makes no client.
func (w *Wrapper) endpoint() string {
	c, err := w.acquire()
	if err != nil {
		return "" // what was called has said the same
	}
	defer w.release(c)
	//lint:ignore SA1019 all connections of a pool have one target
	return "https://" + strings.TrimPrefix(c.client.Connection().Target(), "dns:///")
}

// describeAccount says who we are, as far as the credentials' file or the machine tells.
func (w *Wrapper) describeAccount(ctx context.Context, found *wrappers.Inspection) {
	c, err := w.acquire()
	if err != nil {
		return // closed meanwhile
	}
	defer w.release(c)
	found.Identity = c.credentials.email
	found.Credentials = c.credentials.String()
	if c.credentials.path == "" {
		// Without the address everything else still holds, so that an error is not worth one.
		found.Identity, _ = metadata.EmailWithContext(ctx, "default")
	}
}

var states = map[kmspb.CryptoKeyVersion_CryptoKeyVersionState]wrappers.KeyState{
	kmspb.CryptoKeyVersion_ENABLED:           wrappers.KeyEnabled,
	kmspb.CryptoKeyVersion_DISABLED:          wrappers.KeyDisabled,
	kmspb.CryptoKeyVersion_DESTROY_SCHEDULED: wrappers.KeyPendingDeletion,
	kmspb.CryptoKeyVersion_DESTROYED:         wrappers.KeyDestroyed,
}

// describeKey tells of the primary version, which wraps. Older ones may be in another state.
func (w *Wrapper) describeKey(found *wrappers.Inspection, key *kmspb.CryptoKey) {
	found.Rotation = rotation(key)
	primary := key.GetPrimary()
	if primary == nil {
		found.StateDetail = fmt.Sprintf("purpose %s, no primary version", key.GetPurpose())
		return
	}
	_, found.Version = w.SplitKeyID(primary.GetName())
	found.State = states[primary.GetState()]
	found.StateDetail = fmt.Sprintf("primary version %s %s", found.Version, primary.GetState())
	if at := primary.GetDestroyTime(); primary.GetState() == kmspb.CryptoKeyVersion_DESTROY_SCHEDULED && at != nil {
		found.StateDetail += " on " + day(at.AsTime())
	}
}

func rotation(key *kmspb.CryptoKey) string {
	period := key.GetRotationPeriod()
	if period == nil {
		return "off"
	}
	text := fmt.Sprintf("automatic every %d days", int(period.AsDuration().Hours()/24))
	if next := key.GetNextRotationTime(); next != nil {
		text += ", next on " + day(next.AsTime())
	}
	return text
}

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }
