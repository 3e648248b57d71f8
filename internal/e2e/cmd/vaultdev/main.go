// Command vaultdev serves Vault's Transit engine on a loopback port, for trying out a config. It prints a block for
// keyring.hcl and keeps everything in memory until it is interrupted:
//
//	go run ./cmd/vaultdev
package main

import (
	"fmt"
	"log"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/sealwax/sealwax/internal/e2e/vaultserver"
)

func main() {
	log.SetFlags(0)
	dir, err := os.MkdirTemp("", "vaultdev-") // 0700
	check(err)
	defer os.RemoveAll(dir)
	s, err := vaultserver.New()
	check(err)
	defer s.Close()
	check(s.Write("keys/app", nil))
	token := filepath.Join(dir, "token")
	check(os.WriteFile(token, []byte(s.Token()+"\n"), 0o600))
	fmt.Printf("keyring \"transit\" {\n  address    = %q\n  token      = \"file://%s\"\n  mount_path = \"transit/\"\n  key_name   = \"app\"\n}\n", s.URL, token)
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, os.Interrupt, syscall.SIGTERM)
	<-stop
}

func check(err error) {
	if err != nil {
		log.Fatal("vaultdev: ", err)
	}
}
