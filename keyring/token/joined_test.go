package token

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"
)

func TestSignaturesOfP256AreJoined(t *testing.T) {
	zeros := strings.Repeat("00", 31)
	long := "00ff" + strings.Repeat("11", 31) // 32 bytes, and a sign
	for _, c := range []struct{ name, der, want string }{
		{"short numbers", "3006020101020102", zeros + "01" + zeros + "02"},
		{"long numbers", "3046" + "0221" + long + "0221" + long, long[2:] + long[2:]},
		{"33 bytes", "3026" + "0221" + "01" + long[2:] + "020101", ""},
		{"33 bytes of the second", "3026" + "020101" + "0221" + "01" + long[2:], ""},
		{"negative", "30060201ff020102", ""},
		{"one number", "3003020101", ""},
		{"nothing", "", ""},
	} {
		der, err := hex.DecodeString(c.der)
		if err != nil {
			t.Fatal(c.name, err)
		}
		want, _ := hex.DecodeString(c.want)
		got, err := joined(der)
		if !bytes.Equal(got, want) || (err == nil) != (c.want != "") {
			t.Errorf("%s: %x, %v, want %x", c.name, got, err, want)
		}
		if err != nil && !strings.Contains(err.Error(), "not one of P-256") {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}
