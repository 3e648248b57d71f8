package azurekeyvault

import (
	"encoding/json"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/keyvault/azkeys"

	"github.com/sealwax/sealwax/wrappers"
)

func TestRotationPolicies(t *testing.T) {
	for policy, want := range map[string]string{
		`{}`: "off",
		`{"lifetimeActions":[{"trigger":{"timeBeforeExpiry":"P30D"},"action":{"type":"Notify"}}]}`:                                                                   "off",
		`{"lifetimeActions":[{"trigger":{"timeBeforeExpiry":"P30D"},"action":{"type":"Notify"}},{"trigger":{"timeAfterCreate":"P90D"},"action":{"type":"Rotate"}}]}`: "automatic, P90D after a version was made",
		`{"lifetimeActions":[{"trigger":{"timeBeforeExpiry":"P7D"},"action":{"type":"rotate"}}]}`:                                                                    "automatic, P7D before a version expires",
		`{"lifetimeActions":[{"action":{"type":"rotate"}},{"trigger":{}},{"trigger":{},"action":{"type":"rotate"}}]}`:                                                "off",
	} {
		var p azkeys.KeyRotationPolicy
		if err := json.Unmarshal([]byte(policy), &p); err != nil {
			t.Fatal(err)
		}
		if got := rotation(&p); got != want {
			t.Errorf("%s: got %q, want %q", policy, got, want)
		}
	}
}

func TestKeysAsTheyAreShown(t *testing.T) {
	w := newTestWrapper(t, app())
	for bundle, want := range map[string]wrappers.Inspection{
		`{}`: {},
		`{"key":{"kid":"` + appURL + `/` + version + `"},"attributes":{"enabled":true}}`:  {State: wrappers.KeyEnabled, Version: version},
		`{"key":{"kid":"https://example.com/keys/app/1"},"attributes":{"enabled":false}}`: {State: wrappers.KeyDisabled},
		`{"attributes":{"nbf":1893456000,"exp":1893542400}}`:                              {State: wrappers.KeyEnabled, StateDetail: "not before 2030-01-01, expires on 2030-01-02"},
	} {
		var key azkeys.KeyBundle
		if err := json.Unmarshal([]byte(bundle), &key); err != nil {
			t.Fatal(err)
		}
		var found wrappers.Inspection
		w.describe(&found, &key)
		if found.State != want.State || found.StateDetail != want.StateDetail || found.Version != want.Version {
			t.Errorf("%s: got %+v, want %+v", bundle, found, want)
		}
	}
}
