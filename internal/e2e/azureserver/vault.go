package azureserver

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"net/http"
	"slices"
	"strings"
	"time"
)

// apiVersions are those of which the answers have this form.
var apiVersions = []string{"7.0", "7.1", "7.2", "7.3", "7.4-preview.1", "7.4", "7.5", "7.6", "2025-07-01"}

// call is a request to a vault, taken apart.
type call struct {
	operation string // "get", "rotationpolicy", "deletedkeys", or one with a key
	key       string
	version   string // "" for the newest
}

// parseCall reads keys/KEY, keys/KEY/VERSION, keys/KEY/VERSION/OPERATION and deletedkeys/KEY. A missing version may leave
// its slashes.
func parseCall(r *http.Request) (c call, ok bool) {
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	if len(parts) < 2 {
		return call{}, false
	}
	c.key = parts[1]
	last := parts[len(parts)-1]
	switch {
	case parts[0] == "deletedkeys" && len(parts) == 2 && r.Method == http.MethodGet:
		c.operation = "deletedkeys"
	case parts[0] != "keys":
		return call{}, false
	case len(parts) == 3 && last == "rotationpolicy" && r.Method == http.MethodGet:
		c.operation = "rotationpolicy"
	case len(parts) <= 3 && r.Method == http.MethodGet:
		c.operation, c.version = "get", strings.Join(parts[2:], "")
	case r.Method == http.MethodPost && slices.Contains(cryptography, strings.ToLower(last)):
		c.operation, c.version = strings.ToLower(last), strings.Join(parts[2:len(parts)-1], "")
	default:
		return call{}, false
	}
	return c, true
}

func (s *Server) serveVault(w http.ResponseWriter, r *http.Request, name string) {
	c, ok := parseCall(r)
	authorization := r.Header.Get("Authorization")
	operation := c.operation
	if authorization == "" {
		operation = "challenge"
	}
	if s.Arrived(operation, w, r) {
		return
	}
	switch {
	case authorization == "":
		challenge(w, "", "AKV10000: Request is missing a Bearer or PoP token.")
	case !s.accepts(strings.TrimPrefix(authorization, "Bearer ")):
		challenge(w, `, error="invalid_token", error_description="The token expired"`, "[BearerReadAccessTokenFailed] Error validating token: 'S2S12086'.")
	case !ok:
		refuse(http.StatusMethodNotAllowed, problem{Code: "MethodNotAllowed", Message: "Method not allowed."})(w, r)
	case !slices.Contains(apiVersions, r.URL.Query().Get("api-version")):
		refuse(http.StatusBadRequest, problem{Code: "BadParameter", Message: fmt.Sprintf("The specified version (%s) is not recognized. Consider using the latest supported version (7.6).", r.URL.Query().Get("api-version"))})(w, r)
	default:
		status, body := s.perform(name, c, r)
		answer(w, status, body)
	}
}

// challenge tells who may log in where. The real vaults say the same to a request without a token and to one with a token
// that is no good.
func challenge(w http.ResponseWriter, more, text string) {
	w.Header().Set("WWW-Authenticate", fmt.Sprintf(`Bearer authorization="https://%s/%s", resource="https://vault.azure.net"%s`, LoginHost, Tenant, more))
	answer(w, http.StatusUnauthorized, problem{Code: "Unauthorized", Message: text})
}

// perform does what was asked and returns the answer.
func (s *Server) perform(vaultName string, c call, r *http.Request) (int, any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	v := s.vaults[vaultName]
	if v == nil {
		return http.StatusNotFound, problem{Code: "VaultNotFound", Message: fmt.Sprintf("The vault '%s' was not found.", vaultName)}
	}
	if v.denied != nil && (len(v.only) == 0 || slices.Contains(v.only, c.operation)) {
		return http.StatusForbidden, *v.denied
	}
	k := v.keys[c.key]
	if c.operation == "deletedkeys" {
		return v.deletedKey(c, k)
	}
	found := (*version)(nil)
	if k != nil && k.deleted.IsZero() {
		found = k.find(c.version)
	}
	if found == nil {
		return http.StatusNotFound, problem{Code: "KeyNotFound", Message: fmt.Sprintf("A key with (name/id) %s was not found in this key vault. If you recently deleted this key you may be able to recover it using the correct recovery command. For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125182", strings.Trim(c.key+"/"+c.version, "/"))}
	}
	switch c.operation {
	case "get":
		return http.StatusOK, v.bundle(c.key, found)
	case "rotationpolicy":
		return http.StatusOK, v.policy(c.key, k)
	}
	return v.operate(c, found, r)
}

// bundle is a key as a vault shows it: the public half.
func (v *vault) bundle(name string, at *version) map[string]any {
	attributes := map[string]any{
		"enabled": !at.disabled, "created": at.created.Unix(), "updated": at.created.Unix(), "recoveryLevel": "Recoverable+Purgeable", "recoverableDays": 90, "exportable": false,
	}
	if !at.expires.IsZero() {
		attributes["exp"] = at.expires.Unix()
	}
	public := at.private.PublicKey
	return map[string]any{
		"key": map[string]any{
			"kid": v.url(name, at), "kty": "RSA", "key_ops": []string{"encrypt", "decrypt", "sign", "verify", "wrapKey", "unwrapKey"},
			"n": base64.RawURLEncoding.EncodeToString(public.N.Bytes()),
			"e": base64.RawURLEncoding.EncodeToString(big.NewInt(int64(public.E)).Bytes()),
		},
		"attributes": attributes,
		"tags":       map[string]any{},
	}
}

func (v *vault) url(name string, at *version) string {
	return "https://" + v.name + vaultDomain + "/keys/" + name + "/" + at.id
}

func (v *vault) deletedKey(c call, k *key) (int, any) {
	if k == nil || k.deleted.IsZero() {
		return http.StatusNotFound, problem{Code: "KeyNotFound", Message: "Deleted Key not found: " + c.key}
	}
	bundle := v.bundle(c.key, k.find(""))
	bundle["recoveryId"] = "https://" + v.name + vaultDomain + "/deletedkeys/" + c.key
	bundle["deletedDate"], bundle["scheduledPurgeDate"] = k.deleted.Unix(), k.deleted.Add(retention).Unix()
	return http.StatusOK, bundle
}

func (v *vault) policy(name string, k *key) map[string]any {
	actions := []map[string]any{{"trigger": map[string]any{"timeBeforeExpiry": "P30D"}, "action": map[string]any{"type": "Notify"}}}
	if k.rotation != "" {
		actions = append(actions, map[string]any{"trigger": map[string]any{"timeAfterCreate": k.rotation}, "action": map[string]any{"type": "Rotate"}})
	}
	return map[string]any{
		"id":              "https://" + v.name + vaultDomain + "/keys/" + name + "/rotationpolicy",
		"lifetimeActions": actions,
		"attributes":      map[string]any{"created": k.versions[0].created.Unix(), "updated": k.versions[0].created.Unix()},
	}
}

// names are how the texts of a vault call its operations.
var names = map[string]string{"wrapkey": "wrapKey", "unwrapkey": "unwrapKey", "encrypt": "encrypt", "decrypt": "decrypt"}

// operate encrypts or decrypts. A key that has expired still decrypts, as the documentation of its attributes says.
func (v *vault) operate(c call, at *version, r *http.Request) (int, any) {
	inward := c.operation == "wrapkey" || c.operation == "encrypt"
	switch {
	case at.disabled:
		return http.StatusForbidden, problem{"Forbidden", fmt.Sprintf("Operation %s is not allowed on a disabled key.", names[c.operation]), "KeyDisabled"}
	case inward && !at.expires.IsZero() && time.Now().After(at.expires):
		return http.StatusForbidden, problem{"Forbidden", fmt.Sprintf("Operation %s is not allowed on an expired key.", names[c.operation]), "KeyExpired"}
	}
	var body struct {
		Algorithm string `json:"alg"`
		Value     string `json:"value"`
	}
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		return bad("Request body is not valid JSON.")
	}
	value, err := base64.RawURLEncoding.Strict().DecodeString(body.Value)
	if err != nil || len(value) == 0 {
		return bad("Content of 'value' is not base64url.\r\nProperty 'value' is required.\r\n")
	}
	if body.Algorithm != "RSA-OAEP-256" {
		return bad(fmt.Sprintf("Property 'alg' has an algorithm that this key does not support: %s", body.Algorithm))
	}
	var out []byte
	if inward {
		out, err = rsa.EncryptOAEP(sha256.New(), rand.Reader, &at.private.PublicKey, value, nil)
	} else {
		out, err = rsa.DecryptOAEP(sha256.New(), nil, at.private, value, nil)
	}
	if err != nil && inward {
		return bad("The value is too long for this key.")
	}
	if err != nil {
		return bad("Unable to decrypt specified value with this key.")
	}
	return http.StatusOK, map[string]any{"kid": v.url(c.key, at), "alg": body.Algorithm, "value": base64.RawURLEncoding.EncodeToString(out)}
}

func bad(text string) (int, any) {
	return http.StatusBadRequest, problem{Code: "BadParameter", Message: text}
}
