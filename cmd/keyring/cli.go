package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// cli is one run of the command: where it reads and writes, and the flags that all commands share.
type cli struct {
	in  io.Reader
	out *output
	err io.Writer

	configFile     string
	nomadConfigs   []string
	acceptRollback uint64
	wait, timeout  time.Duration
	logLevel       string
	logFormat      string

	log     *slog.Logger
	started bool            // the command line was understood
	limit   context.Context // that ends with --timeout; nil without one
	cancel  func()
}

// run executes args, prints what went wrong, and returns the exit code.
func (c *cli) run(ctx context.Context, args []string) int {
	root := c.command()
	root.SetArgs(args)
	root.SetIn(c.in)
	root.SetOut(c.out)
	root.SetErr(c.err)
	root.InitDefaultCompletionCmd(args...)
	c.markStart(root)
	err := root.ExecuteContext(ctx)
	err = c.endLimit(err)
	if err == nil {
		err, c.started = c.out.failed(), true
	}
	if err == nil {
		return exitDone
	}
	if !c.started {
		err = usageError{err}
	}
	fmt.Fprintf(c.err, "keyring: %s\n", strings.TrimPrefix(explain(err), "keyring: "))
	return exitCode(err)
}

func (c *cli) command() *cobra.Command {
	root := &cobra.Command{
		Use:   "keyring",
		Short: "Keep data-encryption keys in a keystore that key-encryption keys wrap",
		Long: `keyring keeps the data-encryption keys of a server in one signed file, whose root is wrapped by the
key-encryption keys (KEKs) that keyring.hcl names: a key of a cloud's KMS or of a Vault, a key file,
a passphrase, an offline recovery key.

Exit codes: 0 done, 1 failed, 2 usage or config, 3 checked and found wrong, 4 a KEK is unavailable
or --timeout has passed.`,
		Example: `  keyring init --dev demo && cd demo
  keyring seal --path app/db --in secrets.json --out db.sealed
  keyring open --path app/db --in db.sealed`,
		SilenceUsage:      true,
		SilenceErrors:     true,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error { return c.start(cmd) },
	}
	flags := root.PersistentFlags()
	flags.StringVar(&c.configFile, "config", "", "config `file` (default $KEYRING_CONFIG, then ./keyring.hcl)")
	flags.StringArrayVar(&c.nomadConfigs, "nomad-config", nil, "Nomad agent config `file` to take region and keyring blocks from (repeatable)")
	flags.Uint64Var(&c.acceptRollback, "accept-rollback", 0, "accept the keystore once although it is not newer than what was last seen, if this is its `generation`")
	flags.DurationVar(&c.wait, "wait", 0, "while all KEKs are down, wait so long for one that opens the keystore")
	flags.DurationVar(&c.timeout, "timeout", 0, "give up after so long, whatever is waited for (default never)")
	flags.StringVar(&c.logLevel, "log-level", "warn", "debug, info, warn or error")
	flags.StringVar(&c.logFormat, "log-format", "text", "text or json")
	c.addCommands(root)
	return root
}

// start checks the flags that all commands share, and gives the command its time.
func (c *cli) start(cmd *cobra.Command) error {
	if err := c.startLog(); err != nil {
		return err
	}
	if c.wait < 0 || c.timeout < 0 {
		return errors.New("--wait and --timeout must not be negative")
	}
	c.beginLimit(cmd)
	return nil
}

func (c *cli) startLog() error {
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.logLevel)); err != nil {
		return fmt.Errorf("--log-level %q: it is debug, info, warn or error", c.logLevel)
	}
	options := &slog.HandlerOptions{Level: level}
	switch c.logFormat {
	case "text":
		c.log = slog.New(slog.NewTextHandler(c.err, options))
	case "json":
		c.log = slog.New(slog.NewJSONHandler(c.err, options))
	default:
		return fmt.Errorf("--log-format %q: it is text or json", c.logFormat)
	}
	return nil
}

// markStart notes, in every command, when the command itself begins: what goes wrong before that is the command line.
func (c *cli) markStart(cmd *cobra.Command) {
	if run := cmd.RunE; run != nil {
		cmd.RunE = func(cmd *cobra.Command, args []string) error {
			c.started = true
			return run(cmd, args)
		}
	}
	if cmd.HasSubCommands() && cmd.HasParent() {
		cmd.Args = cobra.NoArgs // a misspelt sub-command is an error, not a wish for help
		cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
	}
	for _, sub := range cmd.Commands() {
		c.markStart(sub)
	}
}
