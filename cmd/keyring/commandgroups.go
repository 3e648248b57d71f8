package main

import (
	"slices"

	"github.com/spf13/cobra"
)

// commandGroups are the commands as help shows them. The others are about the command itself.
var commandGroups = []struct {
	title    string
	commands []string
}{
	{"Set up and move:", []string{"init", "config", "lease", "recipient", "recover", "rewrap"}},
	{"Look:", []string{"census", "doctor", "impact", "list", "status", "verify"}},
	{"The life of keys:", []string{"activate", "destroy", "maintain", "mark", "rekey", "rotate", "withdraw"}},
	{"Messages and tokens:", []string{"jwks", "open", "seal"}},
}

func groupCommands(root *cobra.Command) {
	for _, g := range commandGroups {
		root.AddGroup(&cobra.Group{ID: g.title, Title: g.title})
	}
	for _, cmd := range root.Commands() {
		for _, g := range commandGroups {
			if slices.Contains(g.commands, cmd.Name()) {
				cmd.GroupID = g.title
			}
		}
	}
}
