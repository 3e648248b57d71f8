package awsserver

import (
	"encoding/json"
	"strings"
	"time"
)

// request has the fields of the requests that are served.
type request struct {
	KeyId             string
	Plaintext         []byte
	CiphertextBlob    []byte
	EncryptionContext map[string]string
}

func (s *Server) serveKMS(operation string, caller *identity, region string, body []byte) (any, *refusal) {
	var in request
	if err := json.Unmarshal(body, &in); err != nil {
		return nil, refuse("SerializationException", "")
	}
	switch operation {
	case "Encrypt":
		return s.encrypt(&in, caller, region)
	case "Decrypt":
		return s.decrypt(&in, caller, region)
	case "DescribeKey":
		return s.describe(&in, caller, region)
	case "GetKeyRotationStatus":
		return s.rotationStatus(&in, caller, region)
	}
	return nil, refuse("UnknownOperationException", "")
}

const algorithm = "SYMMETRIC_DEFAULT"

func (s *Server) encrypt(in *request, caller *identity, region string) (any, *refusal) {
	if n := len(in.Plaintext); n < 1 || n > 4096 {
		return nil, refuse("ValidationException", "1 validation error detected: Value at 'plaintext' failed to satisfy constraint: Member must have length between 1 and 4096")
	}
	k, refused := s.find(in.KeyId, caller, region)
	if refused == nil {
		refused = s.permit("kms:Encrypt", caller, in.EncryptionContext)
	}
	if refused == nil {
		refused = k.usable()
	}
	if refused != nil {
		return nil, refused
	}
	return map[string]any{
		"CiphertextBlob":      k.seal(in.Plaintext, in.EncryptionContext),
		"KeyId":               k.arn(),
		"EncryptionAlgorithm": algorithm,
	}, nil
}

func (s *Server) decrypt(in *request, caller *identity, region string) (any, *refusal) {
	if n := len(in.CiphertextBlob); n < 1 || n > 6144 {
		return nil, refuse("ValidationException", "1 validation error detected: Value at 'ciphertextBlob' failed to satisfy constraint: Member must have length between 1 and 6144")
	}
	made, ok := parseBlob(in.CiphertextBlob)
	if !ok {
		return nil, refuse("InvalidCiphertextException", "")
	}
	name := in.KeyId
	if name == "" {
		name = made.arn // any key of the account: what a provider must not leave to the blob
	}
	k, refused := s.find(name, caller, region)
	if refused == nil {
		refused = s.permit("kms:Decrypt", caller, in.EncryptionContext)
	}
	if refused == nil {
		refused = k.usable()
	}
	if refused != nil {
		return nil, refused
	}
	if !k.made(made.arn) {
		return nil, refuse("IncorrectKeyException", "The key ID in the request does not identify a CMK that can perform this operation.")
	}
	plaintext, ok := k.open(made, in.EncryptionContext)
	if !ok {
		return nil, refuse("InvalidCiphertextException", "")
	}
	return map[string]any{"Plaintext": plaintext, "KeyId": k.arn(), "EncryptionAlgorithm": algorithm}, nil
}

func (s *Server) describe(in *request, caller *identity, region string) (any, *refusal) {
	k, refused := s.find(in.KeyId, caller, region)
	if refused != nil {
		return nil, refused
	}
	metadata := map[string]any{
		"AWSAccountId": k.account, "KeyId": k.id, "Arn": k.arn(), "CreationDate": 1700000000, "Enabled": k.state == "Enabled",
		"Description": "", "KeyUsage": "ENCRYPT_DECRYPT", "KeyState": k.state, "Origin": "AWS_KMS", "KeyManager": "CUSTOMER",
		"KeySpec": algorithm, "CustomerMasterKeySpec": algorithm, "EncryptionAlgorithms": []string{algorithm}, "MultiRegion": k.multiRegion(),
	}
	if k.state == "PendingDeletion" {
		metadata["DeletionDate"] = k.deletion.Unix()
	}
	return map[string]any{"KeyMetadata": metadata}, nil
}

func (s *Server) rotationStatus(in *request, caller *identity, region string) (any, *refusal) {
	if strings.Contains(in.KeyId, "alias/") {
		return nil, refuse("NotFoundException", "Invalid keyId %s", in.KeyId) // as of all that take a key's ID or ARN alone
	}
	k, refused := s.find(in.KeyId, caller, region)
	if refused != nil {
		return nil, refused
	}
	status := map[string]any{"KeyId": k.arn(), "KeyRotationEnabled": k.period > 0}
	if k.period > 0 {
		status["RotationPeriodInDays"] = k.period
		status["NextRotationDate"] = time.Now().AddDate(0, 0, k.period).Unix()
	}
	return status, nil
}
