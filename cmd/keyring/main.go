// Command keyring is what an operator of a keystore uses: to make one, look at it, rotate its keys, move it to other
// key-encryption keys, prove that it opens, and seal and open single messages.
//
// It is thin: what it does is in package keyring, what it reads is in internal/config. It is the one place beside the
// examples that names every provider.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() { os.Exit(run()) }

// run runs the command line of the process and returns its exit code.
func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // so that a second signal ends what does not listen to the first
	c := &cli{in: os.Stdin, out: newOutput(os.Stdout), err: os.Stderr}
	return c.run(ctx, os.Args[1:])
}
