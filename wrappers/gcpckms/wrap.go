package gcpckms

import (
	"context"
	"fmt"

	cloudkms "cloud.google.com/go/kms/apiv1"
	"cloud.google.com/go/kms/apiv1/kmspb"
	"github.com/googleapis/gax-go/v2"
	wrapping "github.com/hashicorp/go-kms-wrapping/v2"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/sealwax/sealwax/wrappers"
)

// Encrypt wraps plaintext under the primary version of the key and binds the associated data given by wrapping.WithAad.
func (w *Wrapper) Encrypt(ctx context.Context, plaintext []byte, options ...wrapping.Option) (*wrapping.BlobInfo, error) {
	aad, err := aadOf(options)
	if err != nil {
		return nil, err
	}
	request := &kmspb.EncryptRequest{
		Name:                              w.config.keyName(),
		Plaintext:                         plaintext,
		PlaintextCrc32C:                   checksum(plaintext),
		AdditionalAuthenticatedData:       aad,
		AdditionalAuthenticatedDataCrc32C: checksum(aad),
	}
	answer, _, err := call(ctx, w, "encrypt", (*cloudkms.KeyManagementClient).Encrypt, request)
	if err != nil {
		return nil, err
	}
	if err := verifyEncrypted(request, answer); err != nil {
		return nil, err
	}
	if key, version := w.SplitKeyID(answer.Name); key != request.Name || !isVersion(version) {
		return nil, &setupError{fmt.Errorf("gcpckms: Cloud KMS encrypted with %q, the config names %q", answer.Name, request.Name)}
	}
	return &wrapping.BlobInfo{
		Ciphertext: answer.Ciphertext,
		KeyInfo:    &wrapping.KeyInfo{KeyId: answer.Name},
	}, nil
}

// Decrypt unwraps what Encrypt returned, under the same associated data. The key is the configured one: a blob of
// another is refused before Cloud KMS is asked. Which version it was, Cloud KMS finds in the ciphertext.
func (w *Wrapper) Decrypt(ctx context.Context, blob *wrapping.BlobInfo, options ...wrapping.Option) ([]byte, error) {
	got := blob.GetKeyInfo().GetKeyId()
	if key, version := w.SplitKeyID(got); key != w.config.keyName() || version != "" && !isVersion(version) {
		return nil, &otherKeyError{got, w.config.keyName()}
	}
	if err := w.CheckCiphertext(blob.GetCiphertext()); err != nil {
		return nil, fmt.Errorf("%w: %w", wrappers.ErrMalformed, err)
	}
	aad, err := aadOf(options)
	if err != nil {
		return nil, err
	}
	request := &kmspb.DecryptRequest{
		Name:                              w.config.keyName(),
		Ciphertext:                        blob.Ciphertext,
		CiphertextCrc32C:                  checksum(blob.Ciphertext),
		AdditionalAuthenticatedData:       aad,
		AdditionalAuthenticatedDataCrc32C: checksum(aad),
	}
	answer, _, err := call(ctx, w, "decrypt", (*cloudkms.KeyManagementClient).Decrypt, request)
	if err != nil {
		return nil, err
	}
	if err := verifyDecrypted(answer); err != nil {
		clear(answer.Plaintext)
		return nil, err
	}
	return answer.Plaintext, nil
}

func aadOf(options []wrapping.Option) ([]byte, error) {
	o, err := wrapping.GetOpts(options...)
	if err != nil {
		return nil, fmt.Errorf("gcpckms: read options: %w", err)
	}
	return o.WithAad, nil
}

// A method is one of the client's, which sends one request.
type method[In, Out any] func(*cloudkms.KeyManagementClient, context.Context, In, ...gax.CallOption) (Out, error)

// call sends one request, and a second one if Cloud KMS refused the credentials and there are others by now. The envelope
// is there also with an error.
func call[In, Out any](ctx context.Context, w *Wrapper, op string, send method[In, Out], request In) (Out, *envelope, error) {
	answer, seen, err := once(ctx, w, op, send, request)
	if seen.again {
		answer, seen, err = once(ctx, w, op, send, request)
	}
	return answer, seen, err
}

func once[In, Out any](ctx context.Context, w *Wrapper, op string, send method[In, Out], request In) (answer Out, seen *envelope, err error) {
	seen = new(envelope)
	c, err := w.acquire()
	if err != nil {
		return answer, seen, err
	}
	defer w.release(c)
	seen.account = c.credentials.email
	answer, err = send(c.client, ctx, request, seen.options())
	switch {
	case err == nil:
		return answer, seen, nil
	case status.Code(err) == codes.Unauthenticated:
		seen.again = w.renewed(c, seen.answered())
	case broken(err, seen.answered()):
		w.retire(c)
	}
	return answer, seen, &callError{op: op, err: err, answered: seen.answered(), account: seen.account}
}
