package azurekeyvault

import (
	"context"
	"errors"
	"fmt"

	"github.com/Azure/azure-sdk-for-go/sdk/keyvault/azkeys"
	wrapping "github.com/hashicorp/go-kms-wrapping/v2"

	"github.com/sealwax/sealwax/wrappers"
)

// The operations are called as the paths of Key Vault's API are.
const (
	wrapKey   = "wrapkey"
	unwrapKey = "unwrapkey"
)

// Encrypt wraps plaintext under the newest version of the key. Associated data is ignored, as RSA has none.
func (w *Wrapper) Encrypt(ctx context.Context, plaintext []byte, _ ...wrapping.Option) (*wrapping.BlobInfo, error) {
	var made azkeys.KeyOperationResult
	err := w.call(ctx, request{wrapKey, w.key}, func(ctx context.Context, c *azkeys.Client) error {
		answer, err := c.WrapKey(ctx, w.config.KeyName, "", oaep(plaintext), nil)
		made = answer.KeyOperationResult
		return err
	})
	if err != nil {
		return nil, err
	}
	if made.KID == nil {
		return nil, &setupError{errors.New("azurekeyvault: wrapkey was answered without a key ID: is that a Key Vault?")}
	}
	version, err := w.versionOf(string(*made.KID))
	if err != nil {
		return nil, &setupError{fmt.Errorf("azurekeyvault: wrapkey was answered for another key: is that a Key Vault? %w", err)}
	}
	if err := w.CheckCiphertext(made.Result); err != nil {
		return nil, &setupError{fmt.Errorf("%w: is %s an RSA key?", err, w.key)}
	}
	return &wrapping.BlobInfo{Ciphertext: made.Result, KeyInfo: &wrapping.KeyInfo{KeyId: w.JoinKeyID(w.key, version)}}, nil
}

// Decrypt unwraps what Encrypt returned, with the version of the key that wrapped it. Vault and key are the configured
// ones: a blob of others is refused before anybody is asked.
func (w *Wrapper) Decrypt(ctx context.Context, blob *wrapping.BlobInfo, _ ...wrapping.Option) ([]byte, error) {
	version, err := w.versionOf(blob.GetKeyInfo().GetKeyId())
	if err != nil {
		return nil, err
	}
	if err := w.CheckCiphertext(blob.GetCiphertext()); err != nil {
		return nil, fmt.Errorf("%w: %w", wrappers.ErrMalformed, err)
	}
	var plaintext []byte
	err = w.call(ctx, request{unwrapKey, w.JoinKeyID(w.key, version)}, func(ctx context.Context, c *azkeys.Client) error {
		answer, err := c.UnwrapKey(ctx, w.config.KeyName, version, oaep(blob.GetCiphertext()), nil)
		plaintext = answer.Result
		return err
	})
	if err != nil {
		return nil, err
	}
	if len(plaintext) == 0 {
		return nil, &setupError{errors.New("azurekeyvault: unwrapkey was answered without a value: is that a Key Vault?")}
	}
	return plaintext, nil
}

// oaep asks for RSA-OAEP with SHA-256 and MGF1 with SHA-256, and no label.
func oaep(value []byte) azkeys.KeyOperationsParameters {
	algorithm := azkeys.JSONWebKeyEncryptionAlgorithmRSAOAEP256
	return azkeys.KeyOperationsParameters{Algorithm: &algorithm, Value: value}
}
