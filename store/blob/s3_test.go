package blob

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
)

func TestS3(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", "key")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	backend := s3mem.New()
	server := httptest.NewServer(gofakes3.New(backend).Server())
	defer server.Close()
	open := func(bucket string) *S3 {
		s, err := OpenS3(S3Options{Endpoint: strings.TrimPrefix(server.URL, "http://"), Bucket: bucket, Region: "eu-west-3", Prefix: "guichet/", Insecure: true})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	if err := open("files").Ready(t.Context()); err == nil {
		t.Error("a bucket that is not there is ready")
	}
	if err := backend.CreateBucket("files"); err != nil {
		t.Fatal(err)
	}
	s := open("files")
	if err := s.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	suite(t, s)
}
