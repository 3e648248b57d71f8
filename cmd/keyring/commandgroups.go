package main

import "github.com/spf13/cobra"

// A commandGroup is some commands as help shows them together.
type commandGroup struct {
	title    string // none: about the command itself
	commands []*cobra.Command
}

func (c *cli) commandGroups() []commandGroup {
	return []commandGroup{
		{"Set up and move:", []*cobra.Command{
			c.initCommand(), c.configCommand(), c.leaseCommand(), c.recipientCommand(), c.recoverCommand(), c.rewrapCommand(),
		}},
		{"Look:", []*cobra.Command{
			c.censusCommand(), c.doctorCommand(), c.impactCommand(), c.listCommand(), c.statusCommand(), c.verifyCommand(),
		}},
		{"The life of keys:", []*cobra.Command{
			c.activateCommand(), c.destroyCommand(), c.maintainCommand(), c.markCommand(), c.rekeyCommand(),
			c.rotateCommand(), c.withdrawCommand(),
		}},
		{"Messages and tokens:", []*cobra.Command{c.jwksCommand(), c.openCommand(), c.sealCommand()}},
		{"", []*cobra.Command{c.versionCommand()}},
	}
}

// addCommands adds all commands to root.
func (c *cli) addCommands(root *cobra.Command) {
	for _, g := range c.commandGroups() {
		if g.title != "" {
			root.AddGroup(&cobra.Group{ID: g.title, Title: g.title})
		}
		for _, cmd := range g.commands {
			cmd.GroupID = g.title
			root.AddCommand(cmd)
		}
	}
}
