package transit

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"testing"

	"github.com/sealwax/sealwax/internal/e2e/vaultserver"
	"github.com/sealwax/sealwax/keystore"
)

// An operator unwraps a stanza with one request to Vault, and nothing of ours: "vault write transit/decrypt/app
// ciphertext=… associated_data=…". What comes back says what it is the root of.
func TestStanzaByHand(t *testing.T) {
	s, store := start(t), newStore(t)
	create(t, store, newKEK(t, config(s)))
	c := contents(t, store)
	got := payloadByHand(t, s, c)
	want := bytes.Join([][]byte{
		[]byte("sealwax root v1\x00"),
		c.ID[:], c.Root[:],
		[]byte("any"), make([]byte, 21), // the group, 24 bytes
		make([]byte, 16), // no split
		{0},              // and no share: the root itself
	}, nil)
	if !bytes.HasPrefix(got, want) || len(want) != 89 {
		t.Errorf("got  %x\nwant %x and 32 bytes more", got[:89], want)
	}
}

// payloadByHand returns the 121 bytes that were wrapped.
func payloadByHand(t *testing.T, s *vaultserver.Server, c *keystore.Contents) []byte {
	t.Helper()
	status, payload := decryptByHand(t, s, c.Stanzas[0].Wrapped, "sealwax/v1 keystore="+c.ID.String()+" root="+c.Root.String())
	if status != http.StatusOK || len(payload) != 121 {
		t.Fatalf("status %d, %d bytes; want 200, 121", status, len(payload))
	}
	return payload
}

// The same blob under the words of another keystore, another root, or none, stays shut.
func TestStanzaByHandIsBound(t *testing.T) {
	s, store := start(t), newStore(t)
	create(t, store, newKEK(t, config(s)))
	c := contents(t, store)
	for name, aad := range map[string]string{
		"another keystore": "sealwax/v1 keystore=" + keystore.NewID().String() + " root=" + c.Root.String(),
		"another root":     "sealwax/v1 keystore=" + c.ID.String() + " root=" + keystore.NewID().String(),
		"none":             "",
	} {
		t.Run(name, func(t *testing.T) {
			if status, got := decryptByHand(t, s, c.Stanzas[0].Wrapped, aad); status != http.StatusBadRequest || got != nil {
				t.Errorf("status %d, %d bytes; want 400, none", status, len(got))
			}
		})
	}
}

// decryptByHand returns the status of the answer, and the plaintext if there is one.
func decryptByHand(t *testing.T, s *vaultserver.Server, ciphertext []byte, aad string) (int, []byte) {
	t.Helper()
	body, err := json.Marshal(map[string]string{
		"ciphertext":      string(ciphertext),
		"associated_data": base64.StdEncoding.EncodeToString([]byte(aad)),
	})
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPut, s.URL+"/v1/transit/decrypt/app", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Vault-Token", s.Token())
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var answer struct {
		Data struct{ Plaintext []byte }
	}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, answer.Data.Plaintext
}

func TestRewrapKeepsTheRoot(t *testing.T) {
	s, store := start(t), newStore(t)
	k := newKEK(t, config(s))
	r := create(t, store, k)
	root := func() []byte { return payloadByHand(t, s, contents(t, store))[89:] }
	before := root()
	rewrap(t, r, k)
	if !bytes.Equal(root(), before) {
		t.Error("another root after Rewrap")
	}
	if _, err := r.RotateRoot(t.Context()); err != nil {
		t.Fatal(err)
	}
	if bytes.Equal(root(), before) {
		t.Error("the old root after RotateRoot")
	}
}
