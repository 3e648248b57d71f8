package azureserver

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/hex"
	"fmt"
	"testing"
	"time"
)

// A vault holds keys and says what its callers may do.
type vault struct {
	name   string
	keys   map[string]*key
	denied *problem // what every operation with a key is refused with, nil for none
	only   []string // the operations that denied is for, none for all
}

// A key has versions, of which the last is the current one.
type key struct {
	versions []*version
	deleted  time.Time // zero while it is there
	rotation string    // the P90D of a policy that rotates, "" for none
}

type version struct {
	id       string // 32 hexadecimal digits
	private  *rsa.PrivateKey
	disabled bool
	expires  time.Time // zero for never
	created  time.Time
}

// retention is how long a deleted key can be recovered.
const retention = 90 * 24 * time.Hour

// AddKey makes a vault, if there is none of that name, and a key with one version, of 2048 bits. Those are too few for a
// key of today, and 3072 take a second to make.
func (s *Server) AddKey(t testing.TB, vaultName, keyName string) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	v := s.vaults[vaultName]
	if v == nil {
		v = &vault{name: vaultName, keys: map[string]*key{}}
		s.vaults[vaultName] = v
	}
	v.keys[keyName] = &key{versions: []*version{newVersion(t, 2048)}}
}

// Rotate gives a key a new version of that many bits, and returns its ID.
func (s *Server) Rotate(t testing.TB, vaultName, keyName string, bits int) string {
	t.Helper()
	next := newVersion(t, bits)
	s.change(t, vaultName, keyName, func(k *key) { k.versions = append(k.versions, next) })
	return next.id
}

// Enable enables or disables every version of a key.
func (s *Server) Enable(t testing.TB, vaultName, keyName string, enabled bool) {
	t.Helper()
	s.change(t, vaultName, keyName, func(k *key) {
		for _, v := range k.versions {
			v.disabled = !enabled
		}
	})
}

// SetExpiry says when a key's newest version expires. The zero time is never.
func (s *Server) SetExpiry(t testing.TB, vaultName, keyName string, at time.Time) {
	t.Helper()
	s.change(t, vaultName, keyName, func(k *key) { k.versions[len(k.versions)-1].expires = at })
}

// SetRotationPolicy makes a key rotate that long after a version was made: "P90D". Empty makes it not rotate.
func (s *Server) SetRotationPolicy(t testing.TB, vaultName, keyName, after string) {
	t.Helper()
	s.change(t, vaultName, keyName, func(k *key) { k.rotation = after })
}

// Delete deletes a key softly; Recover brings it back.
func (s *Server) Delete(t testing.TB, vaultName, keyName string) {
	t.Helper()
	s.change(t, vaultName, keyName, func(k *key) { k.deleted = time.Now() })
}

// Recover recovers a deleted key. One that is there stays.
func (s *Server) Recover(t testing.TB, vaultName, keyName string) {
	t.Helper()
	s.change(t, vaultName, keyName, func(k *key) { k.deleted = time.Time{} })
}

// Deny makes a vault refuse these operations, or every one, with the inner code "ForbiddenByRbac", "AccessDenied" or
// "ForbiddenByFirewall". An empty code allows them again.
func (s *Server) Deny(t testing.TB, vaultName, code string, operations ...string) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	v := s.vaults[vaultName]
	if v == nil {
		t.Fatalf("azureserver: there is no vault %q", vaultName)
	}
	v.denied, v.only = nil, operations
	if code != "" {
		v.denied = &problem{Code: "Forbidden", Message: fmt.Sprintf(forbidden[code], Client, object, Tenant, vaultName), Inner: code}
	}
}

// forbidden are the texts by which the real vaults refuse: application, object, tenant, vault.
var forbidden = map[string]string{
	"ForbiddenByRbac":     "Caller is not authorized to perform action on resource.\r\nIf role assignments, deny assignments or role definitions were changed recently, please observe propagation time.\r\nCaller: appid=%s;oid=%s;iss=https://sts.windows.net/%s/\r\nAction: 'Microsoft.KeyVault/vaults/keys/unwrap/action'\r\nAssignment: (not found)\r\nDenyAssignmentId: null\r\nDecisionReason: 'DeniedWithNoValidRBAC' \r\nVault: %s;location=westeurope\r\n",
	"AccessDenied":        "The user, group or application 'appid=%s;oid=%s;iss=https://sts.windows.net/%s/' does not have keys unwrap permission on key vault '%s;location=westeurope'. For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125287",
	"ForbiddenByFirewall": "Client address is not authorized and caller is not a trusted service.\r\nClient address: 203.0.113.7\r\nCaller: appid=%s;oid=%s;iss=https://sts.windows.net/%s/\r\nVault: %s;location=westeurope",
}

func (s *Server) change(t testing.TB, vaultName, keyName string, f func(*key)) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	v := s.vaults[vaultName]
	if v == nil || v.keys[keyName] == nil {
		t.Fatalf("azureserver: there is no key %q in a vault %q", keyName, vaultName)
	}
	f(v.keys[keyName])
}

func newVersion(t testing.TB, bits int) *version {
	t.Helper()
	private, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	id := make([]byte, 16)
	rand.Read(id) // never fails
	return &version{id: hex.EncodeToString(id), private: private, created: time.Now()}
}

// find returns a version, the newest for "".
func (k *key) find(id string) *version {
	for i := len(k.versions) - 1; i >= 0; i-- {
		if v := k.versions[i]; id == "" || v.id == id {
			return v
		}
	}
	return nil
}
