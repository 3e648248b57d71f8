package awskms

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go/aws"
	"github.com/aws/aws-sdk-go/service/kms"
	"github.com/aws/aws-sdk-go/service/sts"

	"github.com/sealwax/sealwax/internal/arrival"
	"github.com/sealwax/sealwax/wrappers"
)

// Inspect sends kms:DescribeKey; kms:GetKeyRotationStatus, unless nothing but an alias is known of the key; and, unless an
// endpoint of KMS alone is set, sts:GetCallerIdentity, which needs no right.
func (w *Wrapper) Inspect(ctx context.Context) (*wrappers.Inspection, error) {
	conn, err := w.connect(ctx)
	if err != nil {
		return nil, err
	}
	found := &wrappers.Inspection{Endpoint: conn.kms.Endpoint}
	keyID, err := conn.describe(ctx, w.config.KeyID, found)
	if err != nil {
		return nil, err
	}
	found.Credentials, found.Expires = conn.login.seen(ctx)
	found.Renewed = !found.Expires.IsZero() // a source that knows when they end is asked for the next ones then
	if keyID != "" {
		conn.rotation(ctx, keyID, found)
	}
	if err := conn.identity(ctx, &w.config, found); err != nil {
		return nil, err
	}
	return found, nil
}

// describe returns the key's ARN, which kms:GetKeyRotationStatus needs as it takes no alias, or else what was configured, if
// that is none. It returns an error if there was no answer at all.
func (c *conn) describe(ctx context.Context, keyID string, found *wrappers.Inspection) (string, error) {
	out, answer, err := send(ctx, c, "kms:DescribeKey", c.kms.DescribeKeyRequest, &kms.DescribeKeyInput{KeyId: &keyID})
	if answer == nil || answer.StatusCode == 0 {
		return "", err
	}
	found.LocalTime = time.Now()
	found.Certificate, found.ServerTime = arrival.Of(answer)
	found.Rights = append(found.Rights, wrappers.Right{Name: "kms:DescribeKey", Err: err})
	if err == nil && out.KeyMetadata != nil {
		found.State, found.StateDetail = state(out.KeyMetadata)
		return aws.StringValue(out.KeyMetadata.Arn), nil
	}
	if key, _ := parseKey(keyID); key.alias != "" {
		return "", nil
	}
	return keyID, nil
}

// states are those of KMS in which our words are not KMS's own.
var states = map[string]wrappers.KeyState{
	kms.KeyStateEnabled:                wrappers.KeyEnabled,
	kms.KeyStateDisabled:               wrappers.KeyDisabled,
	kms.KeyStatePendingDeletion:        wrappers.KeyPendingDeletion,
	kms.KeyStatePendingReplicaDeletion: wrappers.KeyPendingDeletion,
	kms.KeyStatePendingImport:          wrappers.KeyDisabled,
	kms.KeyStateUnavailable:            wrappers.KeyDisabled,
}

func state(key *kms.KeyMetadata) (wrappers.KeyState, string) {
	detail := aws.StringValue(key.KeyState)
	if key.DeletionDate != nil {
		detail += ", gone on " + key.DeletionDate.UTC().Format(time.DateOnly)
	}
	return states[aws.StringValue(key.KeyState)], detail
}

func (c *conn) rotation(ctx context.Context, keyID string, found *wrappers.Inspection) {
	out, _, err := send(ctx, c, "kms:GetKeyRotationStatus", c.kms.GetKeyRotationStatusRequest, &kms.GetKeyRotationStatusInput{KeyId: &keyID})
	found.Rights = append(found.Rights, wrappers.Right{Name: "kms:GetKeyRotationStatus", Err: err})
	switch {
	case err != nil:
	case !aws.BoolValue(out.KeyRotationEnabled):
		found.Rotation = "off"
	default:
		found.Rotation = "automatic"
		if out.RotationPeriodInDays != nil {
			found.Rotation += fmt.Sprintf(" every %d days", *out.RotationPeriodInDays)
		}
		if out.NextRotationDate != nil {
			found.Rotation += ", next on " + out.NextRotationDate.UTC().Format(time.DateOnly)
		}
	}
}

// identity asks the login service who we are. With an endpoint of its own for KMS, which is somewhere else than in AWS's
// public network, it asks only if it is told where.
func (c *conn) identity(ctx context.Context, config *Config, found *wrappers.Inspection) error {
	ofKMS, _ := config.endpoint() // with which c was made
	ofSTS, err := config.stsEndpoint()
	if err != nil {
		return &setupError{err}
	}
	if ofKMS != "" && ofSTS == "" {
		return nil
	}
	service := newSTS(c.session, ofSTS)
	out, _, err := send(ctx, c, "sts:GetCallerIdentity", service.GetCallerIdentityRequest, new(sts.GetCallerIdentityInput))
	found.Rights = append(found.Rights, wrappers.Right{Name: "sts:GetCallerIdentity", Err: err})
	if err == nil {
		found.Identity = aws.StringValue(out.Arn)
	}
	return nil
}
