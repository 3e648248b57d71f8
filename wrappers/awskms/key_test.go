package awskms

import (
	"strings"
	"testing"
)

const multiID = "mrk-1234abcd12ab34cd56ef1234567890ab"

func TestParseKey(t *testing.T) {
	for _, c := range []struct {
		text string
		want key
		ok   bool
	}{
		{keyID, key{id: keyID}, true},
		{multiID, key{id: multiID}, true},
		{"alias/team/app_1-x", key{alias: "alias/team/app_1-x"}, true},
		{keyARN, key{"aws", "eu-central-1", "111122223333", keyID, ""}, true},
		{"arn:aws-us-gov:kms:us-gov-west-1:111122223333:key/" + multiID, key{"aws-us-gov", "us-gov-west-1", "111122223333", multiID, ""}, true},
		{"arn:aws:kms:eu-central-1:111122223333:alias/app", key{"aws", "eu-central-1", "111122223333", "", "alias/app"}, true},
		{"", key{}, false},
		{"app", key{}, false},
		{"alias/", key{}, false},
		{"alias/a b", key{}, false},
		{keyID + "x", key{}, false},
		{keyARN + "x", key{}, false},
		{strings.ToUpper(keyID), key{}, false},
		{"key/" + keyID, key{}, false},
		{"arn:aws:kms:eu-central-1:111122223333:" + keyID, key{}, false},
		{"arn:aws:kms:eu-central-1:111122223333:key/alias/app", key{}, false},
		{"arn:aws:kms:eu-central-1::key/" + keyID, key{}, false},
		{"arn:aws:s3:eu-central-1:111122223333:key/" + keyID, key{}, false},
		{keyID + "\n", key{}, false},
	} {
		if got, ok := parseKey(c.text); got != c.want || ok != c.ok {
			t.Errorf("parseKey(%q): got %+v, %t; want %+v, %t", c.text, got, ok, c.want, c.ok)
		}
	}
}

// What a stanza holds is an ARN. Which of them a config may mean is decided without a call.
func TestKeyNames(t *testing.T) {
	multi := func(region string) string { return "arn:aws:kms:" + region + ":111122223333:key/" + multiID }
	const region = "eu-central-1"
	other := strings.Replace(keyARN, "1234abcd-12ab", "1234abcd-12ac", 1)
	for _, c := range []struct {
		name, config, stored string
		want                 bool
	}{
		{"the ARN", keyARN, keyARN, true},
		{"the ID", keyID, keyARN, true},
		{"an alias", "alias/app", keyARN, true},
		{"an alias' ARN", "arn:aws:kms:eu-central-1:111122223333:alias/app", keyARN, true},
		{"another key", keyID, other, false},
		{"another key's ARN", keyARN, other, false},
		{"another account", strings.Replace(keyARN, "1111", "4444", 1), keyARN, false},
		{"another account's alias", "arn:aws:kms:eu-central-1:444422223333:alias/app", keyARN, false},
		{"another partition", strings.Replace(keyARN, "arn:aws:", "arn:aws-cn:", 1), keyARN, false},
		{"another region", keyID, strings.Replace(keyARN, "eu-central-1", "us-east-1", 1), false},
		{"another region behind an alias", "alias/app", strings.Replace(keyARN, "eu-central-1", "us-east-1", 1), false},
		{"a replica by ARN", multi(region), multi("us-east-1"), true},
		{"a replica by ID", multiID, multi("us-east-1"), true},
		{"a replica by alias", "alias/app", multi("us-east-1"), true},
		{"a stored alias", "alias/app", "alias/app", false},
		{"a stored ID", keyID, keyID, false},
	} {
		configured, _ := parseKey(c.config)
		stored, _ := parseKey(c.stored)
		if got := configured.names(stored, region); got != c.want {
			t.Errorf("%s: got %t, want %t", c.name, got, c.want)
		}
	}
	a, _ := parseKey(multi("us-east-1"))
	b, _ := parseKey(multi("eu-west-1"))
	single, _ := parseKey(keyARN)
	for _, c := range []struct {
		name string
		a, b key
		want bool
	}{
		{"replicas", a, b, true},
		{"itself", single, single, true},
		{"others", a, single, false},
		{"nothing", key{}, key{}, false},
	} {
		if got := c.a.same(c.b); got != c.want {
			t.Errorf("same of %s: got %t, want %t", c.name, got, c.want)
		}
	}
}

func FuzzParseKey(f *testing.F) {
	for _, text := range []string{keyID, multiID, keyARN, "alias/app", "arn:aws:kms:eu-central-1:111122223333:alias/app"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		k, ok := parseKey(text)
		if !ok {
			return
		}
		again := k.id + k.alias
		if k.partition != "" {
			again = "arn:" + k.partition + ":kms:" + k.region + ":" + k.account + ":"
			if k.id != "" {
				again += "key/"
			}
			again += k.id + k.alias
		}
		if again != text {
			t.Errorf("%q is read as %q", text, again)
		}
	})
}
