package azureserver

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Signature is the last part of every token, by which a test finds one where none should be.
const Signature = "c2lnbmF0dXJlLW9mLWEtdGVzdC10b2tlbg"

// tokenLife is what the real server gives an application, in seconds.
const tokenLife = 3599

// A token is good for one audience.
type token struct {
	audience string
	secret   string // what it was got with: it ends when that does
	ends     time.Time
}

// SetSecret adds a secret of the application. Expired ones are refused by name.
func (s *Server) SetSecret(secret string) { s.setSecret(secret, true) }

// ExpireSecret ends a secret, and the tokens that were got with it: as if they had lived out.
func (s *Server) ExpireSecret(secret string) { s.setSecret(secret, false) }

func (s *Server) setSecret(secret string, good bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.secrets[secret] = good
}

// SetAssertion adds an assertion of the application's workload, which logs in without a secret.
func (s *Server) SetAssertion(assertion string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.assertions[assertion] = true
}

func (s *Server) serveLogin(w http.ResponseWriter, r *http.Request) {
	operation := "discovery"
	if strings.HasSuffix(r.URL.Path, "/token") {
		operation = "token"
	}
	if s.Arrived(operation, w, r) {
		return
	}
	tenant, path, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	switch {
	case path == "discovery/instance":
		answer(w, http.StatusOK, instance())
	case tenant != Tenant:
		refuseLogin(w, http.StatusBadRequest, "invalid_tenant", 90002, fmt.Sprintf("Tenant '%s' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud. Check with your subscription administrator, this may happen if there are no active subscriptions for the tenant.", tenant))
	case path == "v2.0/.well-known/openid-configuration":
		answer(w, http.StatusOK, configuration())
	case path == "oauth2/v2.0/token" && r.Method == http.MethodPost:
		s.serveToken(w, r)
	default:
		http.NotFound(w, r)
	}
}

func instance() map[string]any {
	return map[string]any{
		"tenant_discovery_endpoint": loginURL("/v2.0/.well-known/openid-configuration"),
		"api-version":               "1.1",
		"metadata": []map[string]any{{
			"preferred_network": LoginHost, "preferred_cache": "login.windows.net", "aliases": []string{LoginHost, "login.windows.net", "sts.windows.net"},
		}},
	}
}

func configuration() map[string]any {
	return map[string]any{
		"token_endpoint":                        loginURL("/oauth2/v2.0/token"),
		"authorization_endpoint":                loginURL("/oauth2/v2.0/authorize"),
		"device_authorization_endpoint":         loginURL("/oauth2/v2.0/devicecode"),
		"issuer":                                loginURL("/v2.0"),
		"jwks_uri":                              loginURL("/discovery/v2.0/keys"),
		"token_endpoint_auth_methods_supported": []string{"client_secret_post", "private_key_jwt", "client_secret_basic"},
	}
}

func loginURL(path string) string { return "https://" + LoginHost + "/" + Tenant + path }

// serveToken is OAuth's grant of client credentials, RFC 6749 section 4.4, and RFC 7523 section 2.2 for an assertion.
func (s *Server) serveToken(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil || r.PostForm.Get("grant_type") != "client_credentials" {
		refuseLogin(w, http.StatusBadRequest, "unsupported_grant_type", 70003, "The app requested an unsupported grant type.")
		return
	}
	if client := r.PostForm.Get("client_id"); client != Client {
		refuseLogin(w, http.StatusBadRequest, "unauthorized_client", 700016, fmt.Sprintf("Application with identifier '%s' was not found in the directory 'Contoso'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You may have sent your authentication request to the wrong tenant.", client))
		return
	}
	audience, found := audienceOf(r.PostForm.Get("scope"))
	if !found {
		refuseLogin(w, http.StatusBadRequest, "invalid_resource", 500011, fmt.Sprintf("The resource principal named %s was not found in the tenant named Contoso.", audience))
		return
	}
	secret := r.PostForm.Get("client_secret")
	s.mu.Lock()
	good, known := s.secrets[secret]
	workload := s.assertions[r.PostForm.Get("client_assertion")]
	s.mu.Unlock()
	switch {
	case good, workload:
		answer(w, http.StatusOK, s.issue(audience, secret))
	case known:
		refuseLogin(w, http.StatusUnauthorized, "invalid_client", 7000222, fmt.Sprintf("The provided client secret keys for app '%s' are expired. Visit the Azure portal to create new keys for your app: https://aka.ms/NewClientSecret, or consider using certificate credentials for added security: https://aka.ms/certCreds.", Client))
	default:
		refuseLogin(w, http.StatusUnauthorized, "invalid_client", 7000215, fmt.Sprintf("Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '%s'.", Client))
	}
}

// audienceOf returns for whom a token of a scope is. Libraries add the scopes of a person's login.
func audienceOf(scope string) (audience string, known bool) {
	for _, s := range strings.Fields(scope) {
		if audience, ok := strings.CutSuffix(s, "/.default"); ok {
			audience = strings.TrimSuffix(audience, "/")
			return audience, audience == "https://vault.azure.net" || strings.HasPrefix(audience, "https://management.")
		}
	}
	return scope, false
}

// issue makes a token in the form of a JWT, whose signature nobody checks.
func (s *Server) issue(audience, secret string) map[string]any {
	now := time.Now()
	claims, err := json.Marshal(map[string]any{
		"aud": audience, "iss": "https://sts.windows.net/" + Tenant + "/", "iat": now.Unix(), "nbf": now.Unix(), "exp": now.Unix() + tokenLife,
		"appid": Client, "idtyp": "app", "oid": object, "sub": object, "tid": Tenant, "ver": "1.0", "uti": rand.Text(),
	})
	if err != nil {
		panic(err) // strings and numbers
	}
	text := base64.RawURLEncoding.EncodeToString([]byte(`{"typ":"JWT","alg":"RS256"}`)) + "." + base64.RawURLEncoding.EncodeToString(claims) + "." + Signature
	s.mu.Lock()
	s.tokens[text] = token{audience, secret, now.Add(tokenLife * time.Second)}
	s.mu.Unlock()
	return map[string]any{"token_type": "Bearer", "expires_in": tokenLife, "ext_expires_in": tokenLife, "access_token": text}
}

// Token returns a token for a vault, as the server of a machine's identities would hand it out.
func (s *Server) Token() string {
	return s.issue("https://vault.azure.net", "")["access_token"].(string)
}

// accepts reports whether a token opens a vault.
func (s *Server) accepts(text string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, known := s.tokens[text]
	good, withSecret := s.secrets[t.secret]
	return known && t.audience == "https://vault.azure.net" && time.Now().Before(t.ends) && (good || !withSecret)
}

func refuseLogin(w http.ResponseWriter, status int, kind string, code int, text string) {
	now := time.Now().UTC().Format("2006-01-02 15:04:05Z")
	trace, correlation := "8c95acf1-0000-4000-8000-481862cf1801", "d65574ea-0000-4000-8000-ddaae8b4250d"
	answer(w, status, map[string]any{
		"error":             kind,
		"error_description": fmt.Sprintf("AADSTS%d: %s\r\nTrace ID: %s\r\nCorrelation ID: %s\r\nTimestamp: %s", code, text, trace, correlation, now),
		"error_codes":       []int{code},
		"timestamp":         now,
		"trace_id":          trace,
		"correlation_id":    correlation,
		"error_uri":         fmt.Sprintf("https://%s/error?code=%d", LoginHost, code),
	})
}
