package awskms

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go/aws"
	"github.com/aws/aws-sdk-go/service/kms"
	wrapping "github.com/hashicorp/go-kms-wrapping/v2"

	"github.com/sealwax/sealwax/wrappers"
)

// Encrypt wraps plaintext under the key and binds the associated data given by wrapping.WithAad as encryption context.
func (w *Wrapper) Encrypt(ctx context.Context, plaintext []byte, options ...wrapping.Option) (*wrapping.BlobInfo, error) {
	opts, conn, err := w.begin(ctx, options)
	if err != nil {
		return nil, err
	}
	out, _, err := send(ctx, conn, "kms:Encrypt", conn.kms.EncryptRequest, &kms.EncryptInput{
		KeyId:             &w.config.KeyID,
		Plaintext:         plaintext,
		EncryptionContext: encryptionContext(opts.WithAad),
	})
	if err != nil {
		return nil, err
	}
	if err := w.CheckCiphertext(out.CiphertextBlob); err != nil {
		return nil, &setupError{fmt.Errorf("awskms: answered kms:Encrypt without a ciphertext: is that AWS KMS? %w", err)}
	}
	id := aws.StringValue(out.KeyId)
	if err := w.checkKey(id, conn.region); err != nil {
		return nil, &setupError{fmt.Errorf("awskms: answered kms:Encrypt under another key: is that AWS KMS in %s? %v", conn.region, err)}
	}
	return &wrapping.BlobInfo{
		Ciphertext: out.CiphertextBlob,
		KeyInfo:    &wrapping.KeyInfo{KeyId: id},
	}, nil
}

// Decrypt unwraps what Encrypt returned, under the same associated data. The key is the configured one: it is sent with the
// blob, which KMS refuses if another key made it. What can be seen of the stored ARN is compared before.
func (w *Wrapper) Decrypt(ctx context.Context, blob *wrapping.BlobInfo, options ...wrapping.Option) ([]byte, error) {
	if err := w.CheckCiphertext(blob.GetCiphertext()); err != nil {
		return nil, fmt.Errorf("%w: %w", wrappers.ErrMalformed, err)
	}
	opts, conn, err := w.begin(ctx, options)
	if err != nil {
		return nil, err
	}
	id := blob.GetKeyInfo().GetKeyId()
	if err := w.checkKey(id, conn.region); err != nil {
		return nil, err
	}
	out, _, err := send(ctx, conn, "kms:Decrypt", conn.kms.DecryptRequest, &kms.DecryptInput{
		KeyId:             &w.config.KeyID,
		CiphertextBlob:    blob.GetCiphertext(),
		EncryptionContext: encryptionContext(opts.WithAad),
	})
	if err != nil {
		return nil, err
	}
	if len(out.Plaintext) == 0 {
		return nil, &setupError{errors.New("awskms: answered kms:Decrypt without a plaintext: is that AWS KMS?")}
	}
	stored, _ := parseKey(id)
	if used, _ := parseKey(aws.StringValue(out.KeyId)); !used.same(stored) {
		clear(out.Plaintext)
		return nil, &otherKeyError{aws.StringValue(out.KeyId), id, conn.region}
	}
	return out.Plaintext, nil
}

func (w *Wrapper) begin(ctx context.Context, options []wrapping.Option) (*wrapping.Options, *conn, error) {
	opts, err := wrapping.GetOpts(options...)
	if err != nil {
		return nil, nil, fmt.Errorf("awskms: read options: %w", err)
	}
	conn, err := w.connect(ctx)
	return opts, conn, err
}

// checkKey refuses an ARN that the configured key cannot mean.
func (w *Wrapper) checkKey(id, region string) error {
	stored, ok := parseKey(id)
	configured, _ := parseKey(w.config.KeyID) // which validate has seen
	if !ok || !configured.names(stored, region) {
		return &otherKeyError{id, w.config.KeyID, region}
	}
	return nil
}
