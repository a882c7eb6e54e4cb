package blob

import (
	"context"
	"fmt"
	"io"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// S3 keeps files in a bucket of an S3-compatible store.
type S3 struct {
	client *minio.Client
	bucket string
	prefix string
}

// S3Options say where a bucket is. The keys to it are in the environment: AWS_ACCESS_KEY_ID and
// AWS_SECRET_ACCESS_KEY, as other programs have them too.
type S3Options struct {
	Endpoint string // host, or host:port
	Bucket   string
	Region   string
	Prefix   string // of the names in the bucket
	Insecure bool   // without TLS: for a store on the same machine
}

// OpenS3 returns the place in a bucket. It does not look whether the bucket is there: see Ready.
func OpenS3(o S3Options) (*S3, error) {
	client, err := minio.New(o.Endpoint, &minio.Options{Creds: credentials.NewEnvAWS(), Secure: !o.Insecure, Region: o.Region})
	if err != nil {
		return nil, fmt.Errorf("blob: %w", err)
	}
	return &S3{client, o.Bucket, o.Prefix}, nil
}

// Ready says whether the bucket is there and lets guichet in.
func (s *S3) Ready(ctx context.Context) error {
	there, err := s.client.BucketExists(ctx, s.bucket)
	if err == nil && !there {
		err = fmt.Errorf("there is no bucket %s", s.bucket)
	}
	if err != nil {
		return fmt.Errorf("blob: %w", err)
	}
	return nil
}

// Put implements Place.
func (s *S3) Put(ctx context.Context, key string, from io.Reader, size int64) error {
	if !isKey(key) {
		return errKey
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	_, err := s.client.PutObject(ctx, s.bucket, s.prefix+key, io.LimitReader(from, size), size, minio.PutObjectOptions{ContentType: "application/octet-stream"})
	if err != nil {
		return fmt.Errorf("blob: %w", err)
	}
	if n, _ := from.Read(make([]byte, 1)); n > 0 {
		_ = s.Delete(ctx, key)
		return errSize
	}
	return nil
}

// Open implements Place.
func (s *S3) Open(ctx context.Context, key string) (io.ReadCloser, int64, error) {
	if !isKey(key) {
		return nil, 0, errKey
	}
	o, err := s.client.GetObject(ctx, s.bucket, s.prefix+key, minio.GetObjectOptions{})
	if err != nil {
		return nil, 0, fmt.Errorf("blob: %w", err)
	}
	about, err := o.Stat()
	if err != nil {
		_ = o.Close()
		if minio.ToErrorResponse(err).Code == minio.NoSuchKey {
			return nil, 0, ErrMissing
		}
		return nil, 0, fmt.Errorf("blob: %w", err)
	}
	return o, about.Size, nil
}

// Delete implements Place.
func (s *S3) Delete(ctx context.Context, key string) error {
	if !isKey(key) {
		return errKey
	}
	if err := s.client.RemoveObject(ctx, s.bucket, s.prefix+key, minio.RemoveObjectOptions{}); err != nil {
		return fmt.Errorf("blob: %w", err)
	}
	return nil
}

var _ Place = (*S3)(nil)
