package awskms

import (
	"fmt"
	"regexp"
	"strings"
)

// key is a name for a key, as operators write it or as KMS answers it:
//
//	1234abcd-12ab-34cd-56ef-1234567890ab                                 ID
//	mrk-1234abcd12ab34cd56ef1234567890ab                                 ID of a multi-region key
//	alias/app                                                            alias
//	arn:aws:kms:eu-central-1:111122223333:key/1234abcd-…, …:alias/app    ARN of any of these
//
// Fields that the name does not say are empty. KMS answers with the ARN of a key, and that is what is stored.
type key struct {
	partition, region, account string
	id, alias                  string // one of them
}

var keyForm = regexp.MustCompile(`^(?:arn:(aws[a-z-]{0,20}):kms:([a-z0-9-]{1,30}):([0-9]{12}):(?:key/|(alias/)))?(.+)$`)

var (
	idForm    = regexp.MustCompile(`^(mrk-[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$`)
	aliasForm = regexp.MustCompile(`^alias/[A-Za-z0-9/_-]{1,250}$`)
)

func parseKey(text string) (key, bool) {
	m := keyForm.FindStringSubmatch(text)
	if m == nil {
		return key{}, false
	}
	k := key{partition: m[1], region: m[2], account: m[3]}
	isARN, name := k.partition != "", m[4]+m[5]
	switch {
	case idForm.MatchString(name):
		k.id = name
	case aliasForm.MatchString(name) && (m[4] != "" || !isARN):
		k.alias = name
	default:
		return key{}, false
	}
	return k, true
}

// isKeyARN reports whether k says all that there is to say about a key.
func (k key) isKeyARN() bool { return k.partition != "" && k.id != "" }

// multiRegion reports whether the key may have replicas: the same key under the same ID in other regions.
func (k key) multiRegion() bool { return strings.HasPrefix(k.id, "mrk-") }

// names reports whether k, used in a region, can mean the key with this ARN. An alias may mean any key of its account,
// and what it does mean is for KMS to say: Decrypt sends k, and KMS refuses a blob of another key.
func (k key) names(arn key, region string) bool {
	return arn.isKeyARN() &&
		(arn.region == region || arn.multiRegion()) &&
		(k.id == "" || k.id == arn.id) &&
		(k.partition == "" || k.partition == arn.partition && k.account == arn.account)
}

// same reports whether two ARNs are of one key, or of replicas of one.
func (k key) same(other key) bool {
	if k.multiRegion() {
		k.region = other.region
	}
	return k.isKeyARN() && k == other
}

// otherKeyError is about a stanza that another key than the configured one wrapped, found out without KMS.
type otherKeyError struct{ got, want, region string }

func (e *otherKeyError) Error() string {
	return fmt.Sprintf("awskms: wrapped under %q, the config names %q in %s", e.got, e.want, e.region)
}
