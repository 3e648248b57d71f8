package tokens

import (
	"crypto/rand"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sealwax/sealwax/internal/e2e/kektest"
	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keyring/discovery"
	"github.com/sealwax/sealwax/keyring/token"
	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
	"github.com/sealwax/sealwax/wrappers/local"
)

const audience = "cloud"

var algorithms = []string{"EdDSA", "ES256", "RS256"}

// An issuer is a ring that signs with every algorithm, and its documents, served over TLS below a path.
type issuer struct {
	*keyring.Ring
	url    string
	server *httptest.Server
	asked  atomic.Int64 // for the key set
}

func newIssuer(t *testing.T, rsaBits int) *issuer {
	t.Helper()
	i := &issuer{Ring: newRing(t, rsaBits)}
	i.server = httptest.NewUnstartedServer(nil)
	i.url = "https://" + i.server.Listener.Addr().String() + "/clusters/prod"
	publisher, err := discovery.New(i.Ring, &discovery.Options{Issuer: i.url})
	if err != nil {
		t.Fatal(err)
	}
	i.server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/jwks.json") {
			i.asked.Add(1)
		}
		publisher.ServeHTTP(w, r)
	})
	i.server.StartTLS()
	t.Cleanup(i.server.Close)
	return i
}

func newRing(t *testing.T, rsaBits int) *keyring.Ring {
	t.Helper()
	key := make([]byte, 32)
	rand.Read(key)
	engine, err := local.New(key)
	if err != nil {
		t.Fatal(err)
	}
	kek, err := wrappers.New(engine, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { kek.Close() })
	ring, err := keyring.Create(t.Context(), keystore.NewMemory(), []*wrappers.KEK{kek}, &keyring.Options{Cluster: "prod", Region: "eu",
		Signing: keyring.Signing{Algorithms: algorithms, RSABits: rsaBits}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ring.Close() })
	return ring
}

// certificate writes what the server's clients have to trust into a file.
func (i *issuer) certificate(t *testing.T) (file string) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "ca.pem")
	kektest.WriteFile(t, file, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: i.server.Certificate().Raw})))
	return file
}

// minted is a token and the name of the key that signed it.
type minted struct {
	text, kid string
}

// mint returns a token of the active key's signing key for an algorithm.
func (i *issuer) mint(t *testing.T, algorithm string) minted {
	t.Helper()
	signer, err := i.SignerOf(algorithm)
	if err != nil {
		t.Fatal(err)
	}
	minter, err := token.NewMinter(func() (*keyring.Signer, error) { return signer, nil }, i.url, nil)
	if err != nil {
		t.Fatal(err)
	}
	text, err := minter.Mint(&token.Claims{Subject: subject, Audience: []string{audience}, Expiry: time.Now().Add(time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	return minted{text, signer.KID()}
}

const subject = "eu:default:web"

// mintAll returns a token of each algorithm.
func (i *issuer) mintAll(t *testing.T) (tokens []minted) {
	t.Helper()
	for _, algorithm := range algorithms {
		tokens = append(tokens, i.mint(t, algorithm))
	}
	return tokens
}
