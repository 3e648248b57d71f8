package keystore_test

import (
	"crypto/ed25519"
	"strings"
	"testing"

	"github.com/sealwax/sealwax/keystore"
)

const (
	pinPrefix   = "ed25519:"
	testPinText = "ed25519:MDEyMzQ1Njc4OWFiY2RlZmdoaWprbG1ub3BxcnN0dXY="
)

var testPin = ed25519.PublicKey("0123456789abcdefghijklmnopqrstuv")

func TestPin(t *testing.T) {
	if got := keystore.FormatPin(testPin); got != testPinText {
		t.Errorf("FormatPin: got %s, want %s", got, testPinText)
	}
	if got, err := keystore.ParsePin(testPinText); err != nil || !got.Equal(testPin) {
		t.Errorf("ParsePin: got %x, %v, want %x", got, err, testPin)
	}
}

func TestParsePinTakesOneSpelling(t *testing.T) {
	body := strings.TrimPrefix(testPinText, pinPrefix)
	for name, text := range map[string]string{
		"empty":           "",
		"no prefix":       body,
		"upper case":      "ED25519:" + body,
		"no padding":      strings.TrimRight(testPinText, "="),
		"line break":      testPinText[:20] + "\n" + testPinText[20:],
		"trailing bits":   testPinText[:len(testPinText)-2] + "Z=",
		"one byte less":   pinPrefix + "MDEyMzQ1Njc4OWFiY2RlZmdoaWprbG1ub3BxcnN0dQ==",
		"space after":     testPinText + " ",
		"base64url":       pinPrefix + strings.Repeat("-", 43) + "=",
		"very much of it": strings.Repeat("x", 1000),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := keystore.ParsePin(text)
			if err == nil || !strings.HasSuffix(err.Error(), "is no identity: ed25519: and 44 characters of base64") {
				t.Fatalf("got %v, want that it is no identity", err)
			}
			if len(err.Error()) > 200 {
				t.Errorf("error of %d bytes, want at most 200", len(err.Error()))
			}
		})
	}
}
