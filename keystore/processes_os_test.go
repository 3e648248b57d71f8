package keystore_test

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keystore"
)

// serverDir has a process of this test's own program be a server on the keystore in that folder.
const serverDir = "SEALWAX_TEST_SERVER_DIR"

// TestServer is no test: it is what TestKilledProcesses starts. It seals until it is killed, and acknowledges each
// message by a line on standard output.
func TestServer(t *testing.T) {
	dir := os.Getenv(serverDir)
	if dir == "" {
		t.Skip("for TestKilledProcesses")
	}
	o := processOptions
	o.RefreshInterval = 20 * time.Millisecond
	r, err := keyring.Load(t.Context(), keystore.NewFile(filepath.Join(dir, "ks")), ringKEKs(t)[:1], &o)
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		for {
			r.Rotate(t.Context()) // a conflict with another server is none of the messages' business
		}
	}()
	for {
		msg, err := r.Seal(nil, nil, ringPlace)
		if err != nil {
			t.Fatal(err)
		}
		os.Stdout.WriteString("acknowledged " + base64.StdEncoding.EncodeToString(msg) + "\n")
		time.Sleep(time.Millisecond)
	}
}

// TestKilledProcesses kills real processes that share a real file, with its locks, while they rotate without a pause:
// every message that one of them acknowledged opens.
func TestKilledProcesses(t *testing.T) {
	if testing.Short() {
		t.Skip("starts processes for two seconds")
	}
	dir, keks := t.TempDir(), ringKEKs(t)[:1]
	store := keystore.NewFile(filepath.Join(dir, "ks"))
	r, err := keyring.Create(t.Context(), store, keks, &processOptions)
	if err != nil {
		t.Fatal(err)
	}
	r.Close()
	var said [processes]chan []byte
	for i := range said {
		said[i] = make(chan []byte, 1)
		go func() { said[i] <- killAgainAndAgain(t, dir, time.Now().Add(2*time.Second)) }()
	}
	var acknowledged []string
	for i := range said {
		acknowledged = append(acknowledged, lines(<-said[i])...)
	}
	open := openAll(t, store, acknowledged)
	t.Logf("%d keys, generation %d, %d messages opened", len(open.Keys()), open.Seen().Generation, len(acknowledged))
	if len(acknowledged) < 100 || open.Seen().Generation < 10 {
		t.Error("that was no load")
	}
}

// killAgainAndAgain starts a server and kills it, until the end. It returns all that they said.
func killAgainAndAgain(t *testing.T, dir string, end time.Time) []byte {
	var said bytes.Buffer
	for time.Now().Before(end) {
		server := exec.Command(os.Args[0], "-test.run=^TestServer$")
		server.Env = append(os.Environ(), serverDir+"="+dir)
		server.Stdout = &said
		if err := server.Start(); err != nil {
			t.Error(err)
			return nil
		}
		kill := time.AfterFunc(time.Duration(100+rand.IntN(400))*time.Millisecond, func() { server.Process.Kill() })
		server.Wait()
		if kill.Stop() {
			t.Errorf("a server ended by itself: %s", said.Bytes())
			return nil
		}
	}
	return said.Bytes()
}

// lines returns the messages that servers said.
func lines(said []byte) (messages []string) {
	for s := bufio.NewScanner(bytes.NewReader(said)); s.Scan(); {
		if msg, ok := strings.CutPrefix(s.Text(), "acknowledged "); ok {
			messages = append(messages, msg)
		}
	}
	return messages
}

func openAll(t *testing.T, store keystore.Store, messages []string) *keyring.Ring {
	t.Helper()
	r, err := keyring.Load(t.Context(), store, ringKEKs(t)[:1], &keyring.Options{RefreshInterval: -1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	for _, line := range messages {
		msg, err := base64.StdEncoding.DecodeString(line)
		if err != nil {
			t.Fatal(err) // a line this short goes through the pipe whole or not at all
		}
		if _, err := r.Open(nil, msg, ringPlace); err != nil {
			t.Fatal(err)
		}
	}
	return r
}
