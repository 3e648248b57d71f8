package transit

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/vault/api"

	"github.com/sealwax/sealwax/internal/arrival"
	"github.com/sealwax/sealwax/wrappers"
)

// Paths of Vault's own that a token needs beside those of its key. Its policy "default", which a token has unless it was made
// without, allows them.
const (
	lookupPath       = "auth/token/lookup-self"
	renewPath        = "auth/token/renew-self"
	capabilitiesPath = "sys/capabilities-self"
)

// Inspect asks Vault three things: whose the token is, what the key is like, and what the token may do. Each that is
// refused is a Right with its error, also when all are because the Vault is sealed.
func (w *Wrapper) Inspect(ctx context.Context) (*wrappers.Inspection, error) {
	conn, err := w.connect()
	if err != nil {
		return nil, err
	}
	in := &inspection{conn: conn}
	in.found.Endpoint, in.found.Credentials = w.config.address(), w.credentials
	used := conn.client.Token()
	token, err := in.read(ctx, lookupPath)
	if statusOf(err) == http.StatusForbidden && conn.newToken(used) {
		token, err = in.read(ctx, lookupPath)
	}
	if err != nil && statusOf(err) == 0 {
		return nil, err // nobody answered, or somebody who is not a Vault
	}
	in.right("read", lookupPath, err)
	in.token(token)
	key, err := in.read(ctx, w.config.keyPath())
	in.right("read", w.config.keyPath(), err)
	in.key(key)
	in.capabilities(ctx)
	return &in.found, nil
}

// inspection is one Inspect at work.
type inspection struct {
	conn  *conn
	found wrappers.Inspection
}

func (in *inspection) right(capability, path string, err error) {
	in.found.Rights = append(in.found.Rights, wrappers.Right{Name: capability + " " + path, Err: err})
}

// read returns the data of an answer, and looks at what brought it.
func (in *inspection) read(ctx context.Context, path string) (map[string]any, error) {
	token := in.conn.client.Token()
	resp, err := in.conn.client.Logical().ReadRawWithContext(ctx, path)
	if resp != nil {
		defer resp.Body.Close()
		in.found.LocalTime = time.Now()
		in.found.Certificate, in.found.ServerTime = arrival.Of(resp.Response)
	}
	if err != nil {
		return nil, newCallError(path, err, token, in.conn.client.Token())
	}
	answer, err := api.ParseSecret(resp.Body)
	if err != nil || answer == nil || answer.Data == nil {
		return nil, &setupError{fmt.Errorf("transit: %s: the answer has no data: is that a Vault?", path)}
	}
	return answer.Data, nil
}

// token describes the token, nil if Vault did not say.
func (in *inspection) token(data map[string]any) {
	if data == nil {
		return
	}
	policies := append(texts(data["policies"]), texts(data["identity_policies"])...)
	in.found.Identity = fmt.Sprintf("%s (policies %s)", text(data["display_name"]), strings.Join(policies, ", "))
	renewable := "not renewable"
	if data["renewable"] == true {
		renewable = "renewable"
		in.found.Renewed = !in.conn.config.DisableRenewal
	}
	in.found.Credentials += fmt.Sprintf(": a %s token, %s", text(data["type"]), renewable)
	in.found.Expires, _ = time.Parse(time.RFC3339, text(data["expire_time"])) // null for a root token: never
}

// key describes the key, nil if Vault did not say.
func (in *inspection) key(data map[string]any) {
	if data == nil {
		return
	}
	newest := number(data["latest_version"])
	in.found.State, in.found.Version = wrappers.KeyEnabled, strconv.FormatInt(newest, 10)
	deletion := "must not be deleted"
	if data["deletion_allowed"] == true {
		deletion = "may be deleted"
	}
	in.found.StateDetail = fmt.Sprintf("%s, %s, %s", text(data["type"]), opening(number(data["min_decryption_version"]), newest), deletion)
	made, _ := data["keys"].(map[string]any)
	in.found.Rotation = rotation(number(data["auto_rotate_period"]), number(made[in.found.Version]))
}

func opening(oldest, newest int64) string {
	if oldest == newest {
		return fmt.Sprintf("version %d opens", newest)
	}
	return fmt.Sprintf("versions %d to %d open", oldest, newest)
}

// rotation describes how often Vault rotates a key by itself. Both are in seconds, made since 1970, or 0 if Vault did not say.
func rotation(period, made int64) string {
	if period == 0 {
		return "off"
	}
	const day = 24 * 3600
	every := "automatic every " + (time.Duration(period) * time.Second).String()
	if period%day == 0 && period > day {
		every = fmt.Sprintf("automatic every %d days", period/day)
	}
	if made == 0 {
		return every
	}
	return every + ", next on " + time.Unix(made+period, 0).UTC().Format(time.DateOnly)
}

// capabilities asks what the token's policies allow, without doing it.
func (in *inspection) capabilities(ctx context.Context) {
	config := in.conn.config
	wanted := []string{config.path("encrypt"), config.path("decrypt")}
	if !config.DisableRenewal {
		wanted = append(wanted, renewPath)
	}
	answer, err := in.conn.post(ctx, capabilitiesPath, map[string]any{"paths": wanted})
	in.right("update", capabilitiesPath, err)
	if err != nil {
		return
	}
	for _, path := range wanted {
		allowed := texts(answer.Data[path])
		if slices.Contains(allowed, "update") || slices.Contains(allowed, "root") {
			in.right("update", path, nil)
		} else {
			in.right("update", path, &deniedError{path, allowed})
		}
	}
}

func text(v any) string {
	s, _ := v.(string)
	return s
}

func number(v any) int64 {
	n, _ := v.(json.Number)
	i, _ := n.Int64()
	return i
}

func texts(v any) []string {
	list, _ := v.([]any)
	var all []string
	for _, item := range list {
		all = append(all, fmt.Sprint(item))
	}
	return all
}
