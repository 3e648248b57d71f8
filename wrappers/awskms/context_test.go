package awskms

import (
	"encoding/base64"
	"maps"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go/aws"
)

const (
	keystoreUUID = "00000000-0000-4000-8000-000000000001"
	rootUUID     = "00000000-0000-4000-8000-000000000002"
	bound        = "sealwax/v1 keystore=" + keystoreUUID + " root=" + rootUUID
)

func TestEncryptionContext(t *testing.T) {
	for _, c := range []struct {
		name, aad string
		want      map[string]string
	}{
		{"none", "", map[string]string{}},
		{"a keyring's", bound, map[string]string{"sealwax-keystore": keystoreUUID, "sealwax-root": rootUUID}},
		{"with a byte more", bound + "x", map[string]string{"sealwax-context": base64.StdEncoding.EncodeToString([]byte(bound + "x"))}},
		{"with a line more", bound + "\n", map[string]string{"sealwax-context": base64.StdEncoding.EncodeToString([]byte(bound + "\n"))}},
		{"of upper case", strings.ToUpper(bound), map[string]string{"sealwax-context": base64.StdEncoding.EncodeToString([]byte(strings.ToUpper(bound)))}},
		{"no text", "\xff\x00", map[string]string{"sealwax-context": "/wA="}},
	} {
		if got := aws.StringValueMap(encryptionContext([]byte(c.aad))); !maps.Equal(got, c.want) {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
}

// FuzzEncryptionContext reads the associated data back out of the pairs: so no two have the same.
func FuzzEncryptionContext(f *testing.F) {
	for _, aad := range []string{"", bound, bound + " ", "sealwax/v2 keystore=", "\xff"} {
		f.Add([]byte(aad))
	}
	f.Fuzz(func(t *testing.T, aad []byte) {
		pairs := aws.StringValueMap(encryptionContext(aad))
		var back string
		switch other, isOther := pairs["sealwax-context"]; {
		case isOther && len(pairs) == 1:
			b, err := base64.StdEncoding.DecodeString(other)
			if err != nil {
				t.Fatal(err)
			}
			back = string(b)
		case len(pairs) == 2:
			back = "sealwax/v1 keystore=" + pairs["sealwax-keystore"] + " root=" + pairs["sealwax-root"]
		case len(pairs) != 0:
			t.Fatalf("%q: got %v", aad, pairs)
		}
		if back != string(aad) {
			t.Errorf("%q became %v, which means %q", aad, pairs, back)
		}
	})
}
