package awskms

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sealwax/sealwax/internal/e2e/awsserver"
	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
)

func TestWhatEachCallCosts(t *testing.T) {
	f := newFake(t)
	k := newKEK(t, f.config())
	if err := k.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := f.Count(); n != 0 {
		t.Errorf("New and Check: %d requests, want 0", n)
	}
	w := wrap(t, k)
	if e, d, all := f.Count("Encrypt"), f.Count("Decrypt"), f.Count(); e != 1 || d != 1 || all != 2 {
		t.Errorf("Wrap: %d Encrypt, %d Decrypt, %d requests; want 1, 1, 2", e, d, all)
	}
	wantOpen(t, newKEK(t, f.config()), w)
	if d, all := f.Count("Decrypt"), f.Count(); d != 2 || all != 3 {
		t.Errorf("Unwrap after a restart: %d Decrypt, %d requests more; want 1, 1", d-1, all-2)
	}
}

// A start costs one Decrypt and nothing else, whatever it is that opens the keystore; a running ring costs nothing.
func TestStartCostsOneDecrypt(t *testing.T) {
	f, where := newFake(t), keyring.Bind("variable", "emea", "default", "app/db")
	store := keystore.NewFile(filepath.Join(t.TempDir(), "keystore.jsonl"))
	home := &keyring.Options{Cluster: "prod", Region: "emea", RefreshInterval: -1}
	r, err := keyring.Create(t.Context(), store, []*wrappers.KEK{newKEK(t, f.config())}, home)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	msg, err := r.Seal(nil, []byte("x"), where)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if _, err := r.Rotate(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	before := f.Counts()
	again, err := keyring.Load(t.Context(), store, []*wrappers.KEK{newKEK(t, f.config())}, home)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if got, err := again.Open(nil, msg, where); err != nil || string(got) != "x" {
		t.Fatalf("Open: got %q, %v", got, err)
	}
	if all, d := f.Count(), f.Count("Decrypt"); d != before["Decrypt"]+1 || all != before["Decrypt"]+before["Encrypt"]+1 {
		t.Errorf("a start: requests went from %v to %v, want one Decrypt more", before, f.Counts())
	}
}

func TestWhatIsStored(t *testing.T) {
	f := newFake(t)
	w := wrap(t, newKEK(t, f.config()))
	if w.Scheme != "aws-kms/1" || w.KeyID != f.app || w.KeyVersion != "" {
		t.Errorf("got %s, %s, %q; want aws-kms/1, %s, no version", w.Scheme, w.KeyID, w.KeyVersion, f.app)
	}
	// However the key is spelt later, it opens.
	for _, spelling := range []string{f.app, f.app[strings.LastIndex(f.app, "/")+1:], "alias/app", "arn:aws:kms:eu-central-1:111122223333:alias/app"} {
		c := f.config()
		c.KeyID = spelling
		wantOpen(t, newKEK(t, c), w)
	}
}

func TestReaderNeedsDecryptAlone(t *testing.T) {
	f := newFake(t)
	w := wrap(t, newKEK(t, f.config()))
	f.Deny("Encrypt", "DescribeKey", "GetKeyRotationStatus")
	k := newKEK(t, f.config())
	wantOpen(t, k, w)
	_, err := k.Wrap(t.Context(), root, aad)
	wantError(t, err, wrappers.Ask, "not authorized to perform: kms:Encrypt", "allow kms:Encrypt on alias/app in the identity's IAM policy")
}

// KMS would take a blob of any key of the account; the alias or the ID that the config names is sent with it.
func TestAliasThatMovedOpensNothing(t *testing.T) {
	f := newFake(t)
	w := wrap(t, newKEK(t, f.config()))
	f.Alias("alias/app", f.other)
	k := newKEK(t, f.config())
	_, err := k.Unwrap(t.Context(), w, aad)
	wantError(t, err, wrappers.Never, "key "+f.app, "AWS answered 400 IncorrectKeyException", "an alias may have moved", "keyring rewrap")
	if next := wrap(t, k); next.KeyID != f.other {
		t.Errorf("wrapped under %s, want %s", next.KeyID, f.other)
	}
	c := f.config()
	c.KeyID = f.app
	wantOpen(t, newKEK(t, c), w)
}

func TestMultiRegionKey(t *testing.T) {
	f := newFake(t)
	arns := f.CreateMultiRegionKey(account, "us-east-1", region)
	id := arns[0][strings.LastIndex(arns[0], "/")+1:]
	c := f.config()
	c.KeyID, c.Region = id, "us-east-1"
	w := wrap(t, newKEK(t, c))
	if w.KeyID != arns[0] {
		t.Errorf("stored %s, want %s", w.KeyID, arns[0])
	}
	for _, name := range []string{id, arns[1]} {
		c.KeyID, c.Region = name, region
		wantOpen(t, newKEK(t, c), w)
	}
	// A key of one region is not looked for in another.
	single := wrap(t, newKEK(t, f.config()))
	c = f.config()
	c.Region = "us-east-1"
	before := f.Count()
	_, err := newKEK(t, c).Unwrap(t.Context(), single, aad)
	wantError(t, err, wrappers.Never, `the config names "alias/app" in us-east-1`)
	if n := f.Count() - before; n != 0 {
		t.Errorf("%d requests, want 0", n)
	}
}

func TestKeysInTrouble(t *testing.T) {
	f := newFake(t)
	k := newKEK(t, f.config())
	w := wrap(t, k)
	for _, c := range []struct {
		name    string
		disturb func()
		class   wrappers.Class
		want    []string
	}{
		{"no material", func() { f.Empty(f.app) }, wrappers.Ask, []string{"is pending import", "import the key's material again"}},
		{"clock behind", func() { f.SetSkew(time.Hour) }, wrappers.Ask, []string{"Signature expired: ", "set the clock of this machine"}},
		{"clock ahead", func() { f.SetSkew(-time.Hour) }, wrappers.Ask, []string{"Signature not yet current: ", "set the clock of this machine"}},
		{"forgotten keys", func() {
			f.Refuse("UnrecognizedClientException", "The security token included in the request is invalid.")
		}, wrappers.Ask, []string{"UnrecognizedClientException", "check the credentials in the file " + f.file}},
		{"no such service", func() { f.Refuse("DependencyTimeoutException", "The system timed out") }, wrappers.Later, []string{"DependencyTimeoutException", "try again"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			defer func() { f.Restore(); f.Enable(f.app); f.SetSkew(0) }()
			before := f.Count()
			c.disturb()
			_, err := k.Unwrap(t.Context(), w, aad)
			wantError(t, err, c.class, append(c.want, "key "+f.app)...)
			if n := f.Count() - before; n != 1 {
				t.Errorf("%d requests, want 1", n)
			}
		})
	}
	wantOpen(t, k, w)
}

func TestKeyThatIsNotThere(t *testing.T) {
	f := newFake(t)
	for key, want := range map[string]string{
		"alias/gone":                              "Alias 'arn:aws:kms:eu-central-1:111122223333:alias/gone' does not exist; check kms_key_id, region, and the account",
		"00000000-0000-4000-8000-000000000000":    "Key 'arn:aws:kms:eu-central-1:111122223333:key/00000000-0000-4000-8000-000000000000' does not exist",
		strings.Replace(f.app, "1111", "4444", 1): "AccessDeniedException",
	} {
		c := f.config()
		c.KeyID = key
		_, err := newKEK(t, c).Wrap(t.Context(), root, aad)
		wantError(t, err, wrappers.Ask, want)
	}
}

func TestSecretThatIsWrong(t *testing.T) {
	f := newFake(t)
	wrong := f.used
	wrong.SecretAccessKey = "hush-hush"
	f.login(t, wrong)
	_, err := newKEK(t, f.config()).Wrap(t.Context(), root, aad)
	wantError(t, err, wrappers.Ask, "InvalidSignatureException: The request signature we calculated does not match", "check the credentials in the file "+f.file)
	if strings.Contains(err.Error(), wrong.SessionToken) || strings.Contains(err.Error(), "Canonical") {
		t.Errorf("the answer's copy of the request is shown: %v", err)
	}
}

func TestCertificates(t *testing.T) {
	authority, file := newAuthority(t)
	t.Setenv("AWS_CA_BUNDLE", file)
	for _, c := range []struct {
		name, host string
		life       time.Duration
		want       []string
	}{
		{"other name", "kms.example.com", time.Hour, []string{"not localhost", "check endpoint: the certificate there is for other names"}},
		{"at its end", "localhost", -time.Hour, []string{"expired", "set the clock of this machine, or have the certificate renewed"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			cert, err := authority.CertificateFor(c.life, c.host)
			if err != nil {
				t.Fatal(err)
			}
			s := awsserver.New(&cert)
			t.Cleanup(s.Close)
			f := withKeys(t, s)
			config := f.config()
			config.Endpoint = onLocalhost(s.URL)
			_, err = newKEK(t, config).Wrap(t.Context(), root, aad)
			wantError(t, err, wrappers.Ask, c.want...)
		})
	}
	f := newFake(t) // speaks no TLS
	config := f.config()
	config.Endpoint = strings.Replace(f.URL, "http:", "https:", 1)
	_, err := newKEK(t, config).Wrap(t.Context(), root, aad)
	wantError(t, err, wrappers.Ask, "check endpoint: no TLS is spoken there")
}

func TestBlobIsBoundByKMS(t *testing.T) {
	f := newFake(t)
	k := newKEK(t, f.config())
	w := wrap(t, k)
	other := bytes.Replace(aad, []byte("root=0"), []byte("root=1"), 1)
	before := f.Count("Decrypt")
	_, err := k.Unwrap(t.Context(), w, other)
	wantError(t, err, wrappers.Never, "AWS answered 400 InvalidCiphertextException")
	if n := f.Count("Decrypt") - before; n != 1 {
		t.Errorf("%d Decrypt, want 1: KMS itself must refuse", n)
	}
}
