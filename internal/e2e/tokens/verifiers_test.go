package tokens

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/sealwax/sealwax/internal/e2e/kektest"
	"github.com/sealwax/sealwax/keyring/token"
)

// A verifier finds the keys of an issuer by itself, keeps them, and asks again for a key that it does not know. It
// returns the subject and the kid of a token that verifies.
type verifier interface {
	verify(t *testing.T, text string) (subject, kid string, err error)
}

// verifiers returns one of each kind, none of which knows any key.
func (i *issuer) verifiers(t *testing.T, js *javaScript) map[string]verifier {
	js.named++
	return map[string]verifier{
		"jose of npm": &jose6{js, i, fmt.Sprint(js.named)},
		"go-jose":     &goJose{issuer: i},
		"ours":        &ours{issuer: i},
	}
}

// fetch returns the key set, by way of the discovery document.
func (i *issuer) fetch(t *testing.T) []byte {
	t.Helper()
	var config struct {
		Issuer  string `json:"issuer"`
		JWKSURI string `json:"jwks_uri"`
	}
	if err := json.Unmarshal(i.get(t, i.url+"/.well-known/openid-configuration"), &config); err != nil || config.Issuer != i.url {
		t.Fatalf("%+v, %v", config, err)
	}
	return i.get(t, config.JWKSURI)
}

func (i *issuer) get(t *testing.T, url string) []byte {
	t.Helper()
	answer, err := i.server.Client().Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s %v", url, answer.Status, err)
	}
	return body
}

var signatureAlgorithms = []jose.SignatureAlgorithm{jose.EdDSA, jose.ES256, jose.RS256}

type goJose struct {
	issuer *issuer
	set    jose.JSONWebKeySet
}

func (g *goJose) verify(t *testing.T, text string) (subject, kid string, err error) {
	parsed, err := jwt.ParseSigned(text, signatureAlgorithms)
	if err != nil {
		return "", "", err
	}
	kid = parsed.Headers[0].KeyID
	if len(g.set.Key(kid)) == 0 {
		if err := json.Unmarshal(g.issuer.fetch(t), &g.set); err != nil {
			t.Fatal(err)
		}
	}
	var claims jwt.Claims
	if err := parsed.Claims(&g.set, &claims); err != nil {
		return "", "", err
	}
	return claims.Subject, kid, claims.Validate(jwt.Expected{Issuer: g.issuer.url, AnyAudience: jwt.Audience{audience}})
}

type ours struct {
	issuer *issuer
	set    *token.KeySet
}

func (o *ours) verify(t *testing.T, text string) (subject, kid string, err error) {
	if o.set == nil {
		o.fetch(t)
	}
	claims, err := o.claims(t, text)
	if errors.Is(err, token.ErrUnknownKey) {
		o.fetch(t)
		claims, err = o.claims(t, text)
	}
	if err != nil {
		return "", "", err
	}
	return claims.Subject, claims.KID, nil
}

func (o *ours) claims(t *testing.T, text string) (*token.Verified, error) {
	t.Helper()
	v, err := token.NewVerifier(o.set, o.issuer.url, audience, nil)
	if err != nil {
		t.Fatal(err)
	}
	return v.Verify(text)
}

func (o *ours) fetch(t *testing.T) {
	t.Helper()
	set, err := token.ParseJWKS(o.issuer.fetch(t))
	if err != nil {
		t.Fatal(err)
	}
	o.set = set
}

// javaScript is a process of Node.js with the npm package jose.
type javaScript struct {
	in    io.Writer
	out   *bufio.Scanner
	named int
}

func startJavaScript(t *testing.T, certificate string) *javaScript {
	t.Helper()
	kektest.Need(t, "node")
	js := filepath.Join("..", "js")
	if _, err := os.Stat(filepath.Join(js, "node_modules", "jose")); err != nil {
		kektest.Missing(t, "run npm ci in internal/e2e/js: %v", err)
	}
	cmd := exec.CommandContext(t.Context(), "node", "jose.mjs")
	cmd.Dir, cmd.Env, cmd.Stderr = js, append(os.Environ(), "NODE_EXTRA_CA_CERTS="+certificate), os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		cmd.Wait()
	})
	return &javaScript{in: in, out: bufio.NewScanner(out)}
}

type jose6 struct {
	js     *javaScript
	issuer *issuer
	name   string
}

func (j *jose6) verify(t *testing.T, text string) (subject, kid string, err error) {
	request, err := json.Marshal(map[string]string{"verifier": j.name, "issuer": j.issuer.url, "audience": audience, "token": text})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := j.js.in.Write(append(request, '\n')); err != nil {
		t.Fatal(err)
	}
	if !j.js.out.Scan() {
		t.Fatalf("Node.js has ended: %v", j.js.out.Err())
	}
	var result struct{ Subject, KID, Error string }
	if err := json.Unmarshal(j.js.out.Bytes(), &result); err != nil {
		t.Fatalf("%s: %v", j.js.out.Bytes(), err)
	}
	if result.Error != "" {
		return "", "", errors.New(result.Error)
	}
	return result.Subject, result.KID, nil
}
