package awskms

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	wrapping "github.com/hashicorp/go-kms-wrapping/v2"

	"github.com/sealwax/sealwax/wrappers"
)

const encrypted = `{"CiphertextBlob": "` + blob64 + `", "KeyId": "` + keyARN + `"}`

func stanza(id string) *wrapping.BlobInfo {
	return &wrapping.BlobInfo{Ciphertext: make([]byte, 40), KeyInfo: &wrapping.KeyInfo{KeyId: id}}
}

func TestWhatIsSent(t *testing.T) {
	a := answering(t, 200, encrypted)
	w := newWrapper(t, Config{Endpoint: a.URL})
	info, err := w.Encrypt(t.Context(), []byte("root"), wrapping.WithAad([]byte(bound)))
	if err != nil {
		t.Fatal(err)
	}
	if info.KeyInfo.KeyId != keyARN || len(info.Ciphertext) != 30 {
		t.Errorf("got %v", info)
	}
	got := fmt.Sprint(a.seen()[0].target, a.seen()[0].body)
	want := "TrentService.Encryptmap[EncryptionContext:map[sealwax-keystore:" + keystoreUUID + " sealwax-root:" + rootUUID + "] KeyId:" + keyARN + " Plaintext:cm9vdA==]"
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if auth := a.seen()[0].authorization; !strings.Contains(auth, "Credential=AKIDEXAMPLE/") || !strings.Contains(auth, "/eu-central-1/kms/aws4_request") {
		t.Errorf("signed as %q", auth)
	}
}

// The key goes with the blob, as the config spells it, or KMS would take the account's other keys as well.
func TestDecryptNamesTheKey(t *testing.T) {
	for _, spelling := range []string{keyARN, keyID, "alias/app"} {
		a := answering(t, 200, `{"Plaintext": "cm9vdA==", "KeyId": "`+keyARN+`"}`)
		w := newWrapper(t, Config{Endpoint: a.URL, KeyID: spelling, Region: "eu-central-1"})
		got, err := w.Decrypt(t.Context(), stanza(keyARN))
		if err != nil || string(got) != "root" {
			t.Fatalf("%s: got %q, %v", spelling, got, err)
		}
		if body := a.seen()[0].body; len(a.seen()) != 1 || body["KeyId"] != spelling || body["EncryptionContext"] != nil {
			t.Errorf("%s: sent %v", spelling, body)
		}
	}
}

func TestAnswersThatAreNotOfKMS(t *testing.T) {
	other := strings.Replace(keyARN, "1234abcd", "9999abcd", 1)
	for _, c := range []struct {
		name, encrypt, decrypt string
		status                 int
		want, hint             string
		class                  wrappers.Class
	}{
		{"no ciphertext", `{}`, "", 200, "answered kms:Encrypt without a ciphertext: is that AWS KMS?", "", wrappers.Ask},
		{"short ciphertext", `{"CiphertextBlob": "AAAA", "KeyId": "` + keyARN + `"}`, "", 200, "3 bytes, a ciphertext of KMS has 29 to 6144", "", wrappers.Ask},
		{"another key wraps", `{"CiphertextBlob": "` + blob64 + `", "KeyId": "` + other + `"}`, "", 200, "answered kms:Encrypt under another key", "", wrappers.Ask},
		{"nameless key wraps", `{"CiphertextBlob": "` + blob64 + `"}`, "", 200, "answered kms:Encrypt under another key", "", wrappers.Ask},
		{"no plaintext", "", `{"KeyId": "` + keyARN + `"}`, 200, "answered kms:Decrypt without a plaintext", "", wrappers.Ask},
		{"another key opens", "", `{"Plaintext": "cm9vdA==", "KeyId": "` + other + `"}`, 200, `wrapped under "` + other, "name the key that wrapped it", wrappers.Never},
		{"a page", "", `<html>hush-hush-token</html>`, 200, "awskms: kms:Decrypt: answered 200 OK, and not as AWS does: invalid character '<'", "and no proxy, answers at http://127", wrappers.Ask},
		{"a page that refuses", "", `<html>hush-hush-token</html>`, 403, "answered 403 Forbidden, and not as AWS does", "and no proxy, answers at http://127", wrappers.Ask},
		{"a page that fails", "", `<html>`, 502, "answered 502 Bad Gateway, and not as AWS does", "try again", wrappers.Later},
		{"cut off", "", `{"Plaintext": "cm9`, 200, "unexpected EOF", "check that this machine reaches AWS KMS at http://127", wrappers.Later},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := answering(t, c.status, c.encrypt+c.decrypt)
			w := newWrapper(t, Config{Endpoint: a.URL})
			var err error
			if c.encrypt != "" {
				_, err = w.Encrypt(t.Context(), []byte("root"))
			} else {
				_, err = w.Decrypt(t.Context(), stanza(keyARN))
			}
			wantError(t, w, err, c.want, c.class, c.hint)
			if n := len(a.seen()); n != 1 {
				t.Errorf("%d requests, want 1", n)
			}
		})
	}
}

// Behind a redirect would be somebody else, who would get the root.
func TestRedirectIsNotFollowed(t *testing.T) {
	elsewhere := answering(t, 200, encrypted)
	a := answeringWith(t, func(w http.ResponseWriter, _ seen) {
		w.Header().Set("Location", elsewhere.URL)
		w.WriteHeader(http.StatusTemporaryRedirect)
	})
	w := newWrapper(t, Config{Endpoint: a.URL})
	_, err := w.Encrypt(t.Context(), []byte("root"))
	wantError(t, w, err, "answered 307 Temporary Redirect", wrappers.Ask, "check that AWS KMS, and no proxy, answers at "+a.URL)
	if n := len(elsewhere.seen()); n != 0 {
		t.Errorf("%d requests went there, want 0", n)
	}
}

func TestOptionThatFails(t *testing.T) {
	w := newWrapper(t, Config{Endpoint: "http://127.0.0.1:1"})
	fails := func() any { return wrapping.OptionFunc(func(*wrapping.Options) error { return errors.New("odd") }) }
	_, err := w.Encrypt(t.Context(), []byte("root"), fails)
	if err == nil || err.Error() != "awskms: read options: odd" {
		t.Errorf("got %v", err)
	}
}

func TestDecryptChecksBeforeItAsks(t *testing.T) {
	a := answering(t, 500, "")
	for _, c := range []struct {
		name string
		blob *wrapping.BlobInfo
		want string
	}{
		{"nothing", nil, "malformed blob: awskms: 0 bytes, a ciphertext of KMS has 29 to 6144"},
		{"too long", &wrapping.BlobInfo{Ciphertext: make([]byte, 6145)}, "6145 bytes, a ciphertext of KMS has"},
		{"no key", stanza(""), `wrapped under "", the config names "` + keyARN + `" in eu-central-1`},
		{"another account", stanza(strings.Replace(keyARN, "1111", "2222", 1)), "the config names"},
	} {
		w := newWrapper(t, Config{Endpoint: a.URL})
		_, err := w.Decrypt(t.Context(), c.blob)
		wantError(t, w, err, c.want, wrappers.Never, "")
	}
	if n := len(a.seen()); n != 0 {
		t.Errorf("%d requests, want 0", n)
	}
}

// A proxy, or a debugging page, may answer with the request; and KMS itself does, to one that is signed wrongly.
func TestAnswerThatRepeatsTheRequest(t *testing.T) {
	root := "0123456789abcdef0123456789abcdef"
	for _, form := range []string{
		`{"__type": "InvalidSignatureException", "message": "wrong.\n\nThe Canonical String for this request should have been\n'POST\n/\nx-amz-security-token:%s\n%s'"}`,
		`{"__type": "AccessDeniedException", "message": "denied \u001b[2J %s Credential=AKIDEXAMPLE, Signature=` + strings.Repeat("ab", 32) + ` %s"}`,
		`{"__type": "%s %s", "message": "denied"}`,
		`%s %s`,
	} {
		for _, repeated := range []string{root, "no root"} { // with which nothing of the text would be shown
			a := answering(t, http.StatusForbidden, fmt.Sprintf(form, "hush-hush-token", repeated))
			k, err := wrappers.New(newWrapper(t, Config{Endpoint: a.URL}), nil)
			if err != nil {
				t.Fatal(err)
			}
			_, err = k.Wrap(t.Context(), []byte(root), nil)
			if err == nil {
				t.Fatal("got no error")
			}
			for _, secret := range []string{"hush", "abababab", root, "\x1b", "\n"} {
				if strings.Contains(err.Error(), secret) {
					t.Errorf("%q is in %q", secret, err)
				}
			}
		}
	}
}

func TestUsedAfterClose(t *testing.T) {
	a := answering(t, 200, encrypted)
	for _, used := range []bool{false, true} {
		w := newWrapper(t, Config{Endpoint: a.URL})
		if used {
			if _, err := w.Encrypt(t.Context(), []byte("root")); err != nil {
				t.Fatal(err)
			}
		}
		for range 2 {
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
		}
		_, err := w.Encrypt(t.Context(), []byte("root"))
		wantError(t, w, err, "awskms: used after Close", wrappers.Ask, "")
		_, err = w.Decrypt(t.Context(), stanza(keyARN))
		wantError(t, w, err, "awskms: used after Close", wrappers.Ask, "")
		_, err = w.Inspect(t.Context())
		wantError(t, w, err, "awskms: used after Close", wrappers.Ask, "")
		if _, err := w.SetConfig(t.Context()); err == nil {
			t.Error("SetConfig: got no error")
		}
	}
}

func TestNothingPrintsTheSecrets(t *testing.T) {
	a := answering(t, 200, encrypted)
	w := newWrapper(t, Config{Endpoint: a.URL})
	if _, err := w.Encrypt(t.Context(), []byte("root")); err != nil {
		t.Fatal(err)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%q", "%d"} {
		for _, v := range []any{w, struct{ w *Wrapper }{w}, []any{w}} {
			if out := fmt.Sprintf(verb, v); strings.Contains(out, "hush") || strings.Contains(out, fmt.Sprintf("%x", "hush")) {
				t.Errorf("%s of %T shows a secret", verb, v)
			}
		}
	}
}
