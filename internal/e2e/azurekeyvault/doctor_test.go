package azurekeyvault

import (
	"strings"
	"testing"

	"github.com/sealwax/sealwax/internal/e2e/azureserver"
	"github.com/sealwax/sealwax/internal/e2e/kektest"
)

const doctorBlock = `
keyring "azurekeyvault" {
  name          = "eu"
  tenant_id     = "$TENANT"
  client_id     = "$CLIENT"
  client_secret = "$SECRET"
  vault_name    = "prod"
  key_name      = "app"
}
`

func TestDoctor(t *testing.T) {
	s := start(t)
	block := strings.NewReplacer("$TENANT", azureserver.Tenant, "$CLIENT", azureserver.Client, "$SECRET", secret).Replace(doctorBlock)
	d := kektest.NewDoctor(t, keyringBinary, block, secret)
	d.Finds(t, 0,
		"azurekeyvault.eu dns note prod.vault.azure.net is looked up by the proxy 127.0.0.1:",
		"azurekeyvault.eu tls ", "azurekeyvault.eu credentials ok application "+azureserver.Client,
		"azurekeyvault.eu key-state ok enabled", "azurekeyvault.eu rotation note off",
		"azurekeyvault.eu encrypt ok allowed", "azurekeyvault.eu decrypt ok allowed", "azurekeyvault.eu stanza ok opens the keystore, in ")

	s.Enable(t, "prod", "app", false)
	d.Finds(t, 4, "azurekeyvault.eu key-state problem disabled", "azurekeyvault.eu decrypt problem ")
	s.Enable(t, "prod", "app", true)
	s.Delete(t, "prod", "app")
	d.Finds(t, 3, "azurekeyvault.eu key-state problem pending deletion (deleted, can be recovered")
}
