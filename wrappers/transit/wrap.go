package transit

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	wrapping "github.com/hashicorp/go-kms-wrapping/v2"
	"github.com/hashicorp/vault/api"

	"github.com/sealwax/sealwax/wrappers"
)

// Encrypt wraps plaintext under the newest version of the key and binds the associated data given by wrapping.WithAad.
func (w *Wrapper) Encrypt(ctx context.Context, plaintext []byte, options ...wrapping.Option) (*wrapping.BlobInfo, error) {
	answer, err := w.call(ctx, "encrypt", "plaintext", base64.StdEncoding.EncodeToString(plaintext), options)
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(answer.Warnings, droppedAAD) {
		return nil, &setupError{errors.New("transit: this Vault ignores associated data: 1.13 or newer is needed")}
	}
	ciphertext := []byte(field(answer, "ciphertext"))
	if err := w.CheckCiphertext(ciphertext); err != nil {
		return nil, &setupError{fmt.Errorf("transit: Vault answered encrypt without a ciphertext: is that a Vault? %w", err)}
	}
	return &wrapping.BlobInfo{
		Ciphertext: ciphertext,
		KeyInfo:    &wrapping.KeyInfo{KeyId: w.config.keyID()},
	}, nil
}

// droppedAAD finds the warning of a Vault that does not know associated data. Its blobs would open there, and no more
// once the Vault was upgraded.
func droppedAAD(warning string) bool {
	return strings.Contains(warning, "ignored") && strings.Contains(warning, "associated_data")
}

// Decrypt unwraps what Encrypt returned, under the same associated data. The key is the configured one: a blob of
// another is refused before Vault is asked.
func (w *Wrapper) Decrypt(ctx context.Context, blob *wrapping.BlobInfo, options ...wrapping.Option) ([]byte, error) {
	if got, want := blob.GetKeyInfo().GetKeyId(), w.config.keyID(); got != want {
		return nil, &otherKeyError{got, want}
	}
	if err := w.CheckCiphertext(blob.GetCiphertext()); err != nil {
		return nil, fmt.Errorf("%w: %w", wrappers.ErrMalformed, err)
	}
	answer, err := w.call(ctx, "decrypt", "ciphertext", string(blob.GetCiphertext()), options)
	if err != nil {
		return nil, err
	}
	plaintext, err := base64.StdEncoding.DecodeString(field(answer, "plaintext"))
	if err != nil || len(plaintext) == 0 {
		return nil, &setupError{errors.New("transit: Vault answered decrypt without a plaintext: is that a Vault?")}
	}
	return plaintext, nil
}

// call sends one request, and a second one if Vault refused the token and there is another by now.
func (w *Wrapper) call(ctx context.Context, op, name, value string, options []wrapping.Option) (*api.Secret, error) {
	opts, err := wrapping.GetOpts(options...)
	if err != nil {
		return nil, fmt.Errorf("transit: read options: %w", err)
	}
	body := map[string]any{name: value}
	if len(opts.WithAad) > 0 {
		body["associated_data"] = base64.StdEncoding.EncodeToString(opts.WithAad)
	}
	conn, err := w.connect()
	if err != nil {
		return nil, err
	}
	used := conn.client.Token()
	answer, err := conn.post(ctx, w.config.path(op), body)
	if statusOf(err) == http.StatusForbidden && conn.newToken(used) {
		answer, err = conn.post(ctx, w.config.path(op), body)
	}
	if err != nil {
		return nil, err
	}
	conn.keepToken()
	return answer, nil
}

func (c *conn) post(ctx context.Context, path string, body map[string]any) (*api.Secret, error) {
	token := c.client.Token()
	answer, err := c.client.Logical().WriteWithContext(ctx, path, body)
	if err != nil {
		return nil, newCallError(path, err, token, c.client.Token()) // another call may have replaced it meanwhile
	}
	if answer == nil { // the client's spelling of a success without a body
		answer = new(api.Secret)
	}
	return answer, nil
}

// field returns a text of the answer, "" if there is none.
func field(answer *api.Secret, name string) string {
	text, _ := answer.Data[name].(string)
	return text
}
