package hpke_test

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	wrapping "github.com/hashicorp/go-kms-wrapping/v2"

	"github.com/sealwax/sealwax/wrappers/hpke"
)

// A recovery key lies in a safe for years: what was printed and wrapped once must open with every later version.
func TestOldRecoveryKeyOpens(t *testing.T) {
	file, err := os.ReadFile("testdata/recovery.key")
	if err != nil {
		t.Fatal(err)
	}
	ciphertext, err := os.ReadFile("testdata/ciphertext")
	if err != nil {
		t.Fatal(err)
	}
	key, err := hpke.ParseRecoveryKey(file)
	if err != nil {
		t.Fatal(err)
	}
	const fingerprint = "7fb0eb4985efba47b317a859ffdf327d"
	if got := key.Recipient().Fingerprint(); got != fingerprint {
		t.Errorf("fingerprint: got %s, want %s", got, fingerprint)
	}
	blob := &wrapping.BlobInfo{Ciphertext: ciphertext, KeyInfo: &wrapping.KeyInfo{KeyId: fingerprint}}
	plaintext, err := hpke.NewOpener(key).Decrypt(t.Context(), blob, wrapping.WithAad([]byte("sealwax/v1 keystore=K root=R")))
	if err != nil || string(plaintext) != "the root of 2026" {
		t.Errorf("Decrypt: got %q, %v", plaintext, err)
	}
	created := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	if again := key.AppendFile(nil, created); !bytes.Equal(again, file) {
		t.Errorf("AppendFile: got\n%s\nwant\n%s", again, file)
	}
}

func TestRecipientHasOneSpelling(t *testing.T) {
	text := newKey(t).Recipient().String()
	if len(text) != 1972 {
		t.Errorf("recipient has %d characters, want 1972", len(text))
	}
	if r, err := hpke.ParseRecipient(text); err != nil || r.String() != text {
		t.Fatalf("ParseRecipient: got %v, %v", r, err)
	}
	for _, c := range []struct{ name, text, want string }{
		{"empty", "", "want text that begins with sealwax-recipient-1-"},
		{"other version", strings.Replace(text, "-1-", "-2-", 1), "want text that begins with sealwax-recipient-1-"},
		{"upper case", strings.ToUpper(text), "want text that begins with"},
		{"one letter upper", text[:40] + "A" + text[41:], "a character that is not one of a-z and 2-7"},
		{"space before", " " + text, "want text that begins with"},
		{"newline after", text + "\n", "1953 characters follow sealwax-recipient-1-, want 1952"},
		{"newline inside", text[:40] + "\n" + text[40:1971], "checksum does not match"},
		{"cut", text[:1971], "1951 characters follow sealwax-recipient-1-, want 1952: was it cut?"},
		{"swapped", swap(text, 1000), "checksum does not match"},
		{"recovery key", recoveryLine(t), "this is the recovery key, which must stay secret"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := hpke.ParseRecipient(c.text); err == nil || !strings.Contains(err.Error(), "hpke: parse recipient: "+c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

// swap exchanges the first two different neighbours from i on: the commonest slip of a hand that copies.
func swap(text string, i int) string {
	for text[i] == text[i+1] {
		i++
	}
	return text[:i] + text[i+1:i+2] + text[i:i+1] + text[i+2:]
}

func recoveryLine(t *testing.T) string {
	lines := strings.Split(strings.TrimSpace(string(newKey(t).AppendFile(nil, time.Now()))), "\n")
	return lines[len(lines)-1]
}

func TestParseRecoveryKey(t *testing.T) {
	key := newKey(t)
	line := recoveryLine(t)
	for _, c := range []struct{ name, file, want string }{
		{"file as written", string(key.AppendFile(nil, time.Now())), ""},
		{"line alone", line, ""},
		{"spaces and windows lines", "# x\r\n\r\n  " + line + " \r\n", ""},
		{"empty", "", "no line with a key"},
		{"comments only", "# a\n#b", "no line with a key"},
		{"two keys", line + "\n" + line + "\n", "more than one line with a key"},
		{"cut", line[:60], "want 58: was it cut?"},
		{"slip", swap(line, 30), "checksum does not match: a character is wrong"},
		{"spare bits", spareBits(line), "checksum does not match"},
		{"recipient", key.Recipient().String(), "this is the recipient, which is public"},
		{"something else", "hello", "want text that begins with sealwax-recovery-1-"},
		{"huge", strings.Repeat("#\n", 9000), "file of 18000 bytes, at most 16384 are read"},
	} {
		t.Run(c.name, func(t *testing.T) {
			k, err := hpke.ParseRecoveryKey([]byte(c.file))
			if c.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				k.Clear()
				return
			}
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
			if err != nil && strings.Contains(err.Error(), line[19:40]) {
				t.Errorf("the error shows the key: %v", err)
			}
		})
	}
}

// spareBits changes the last character in the two bits that carry nothing.
func spareBits(line string) string {
	const alphabet = "abcdefghijklmnopqrstuvwxyz234567"
	last := strings.IndexByte(alphabet, line[len(line)-1])
	return line[:len(line)-1] + alphabet[last^1:last^1+1]
}

func TestRecoveryKeyDoesNotPrint(t *testing.T) {
	key := newKey(t)
	w := hpke.NewOpener(key)
	file := string(key.AppendFile(nil, time.Now()))
	line := strings.TrimSpace(file[strings.Index(file, "\nsealwax-recovery"):])
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d"} {
		for _, v := range []any{key, w, *w, struct{ k *hpke.RecoveryKey }{key}, []any{key, w}} {
			if out := fmt.Sprintf(verb, v); strings.Contains(out, line[19:40]) || strings.Contains(out, "recovery-1") {
				t.Errorf("%s of %T shows the key", verb, v)
			}
		}
	}
}

func TestOneWrongCharacterIsFound(t *testing.T) {
	line := recoveryLine(t)
	rapid.Check(t, func(t *rapid.T) {
		changed := []byte(line)
		i := rapid.IntRange(0, len(line)-1).Draw(t, "index")
		changed[i] = rapid.Byte().Draw(t, "character")
		_, err := hpke.ParseRecoveryKey(changed)
		if same := string(changed) == line; (err == nil) != same {
			t.Errorf("character %d became %q: %v", i, changed[i], err)
		}
	})
}

func FuzzParseRecipient(f *testing.F) {
	key, err := hpke.Generate()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(key.Recipient().String())
	f.Add("sealwax-recipient-1-")
	f.Fuzz(func(t *testing.T, text string) {
		if r, err := hpke.ParseRecipient(text); err == nil && r.String() != text {
			t.Errorf("parsed %q, writes %q", text, r)
		}
	})
}

func FuzzParseRecoveryKey(f *testing.F) {
	key, err := hpke.Generate()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(key.AppendFile(nil, time.Unix(0, 0)))
	f.Add([]byte("#\n\nsealwax-recovery-1-"))
	f.Fuzz(func(t *testing.T, file []byte) {
		k, err := hpke.ParseRecoveryKey(file)
		if err != nil {
			return
		}
		again, err := hpke.ParseRecoveryKey(k.AppendFile(nil, time.Unix(0, 0)))
		if err != nil || again.Recipient().String() != k.Recipient().String() {
			t.Errorf("a parsed key does not survive writing: %v", err)
		}
	})
}
