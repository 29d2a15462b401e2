<?php

declare(strict_types=1);

namespace WaCloud\Tests;

use WaCloud\Exception\NotSentError;
use WaCloud\Exception\ValidationError;
use WaCloud\Media;
use WaCloud\Message;
use WaCloud\Tests\Support\SandboxTestCase;
use WaCloud\UploadProgress;

/** Files in messages, uploads from whatever PHP has, and downloads. */
final class MediaTest extends SandboxTestCase
{
    private static int $number = 0;

    /** Ids are kept by content, in this process: each test has a content of its own. */
    private string $bytes;

    private string $file;

    protected function setUp(): void
    {
        parent::setUp();
        $this->bytes = "%PDF-1.7\ninvoice " . ++self::$number . "\n";
        $this->file = sys_get_temp_dir() . '/invoice-' . getmypid() . '.pdf';
        file_put_contents($this->file, $this->bytes);
    }

    protected function tearDown(): void
    {
        unlink($this->file);
        parent::tearDown();
    }

    private function uploads(): int
    {
        $isUpload = static fn (array $request): bool => str_ends_with($request['path'], '/media');

        return count(array_filter($this->sandbox->requests(), $isUpload));
    }

    public function testAFileIsUploadedOnceHoweverItIsGiven(): void
    {
        $wa = $this->sandbox->client();
        $wa->sendDocument(self::TO, Media::file($this->file));
        $wa->sendDocument(self::TO, Media::bytes($this->bytes, filename: basename($this->file)));
        self::assertSame(1, $this->uploads());
        $sent = array_map(static fn (array $message): array => $message['payload']['document'], $this->sandbox->messages());
        self::assertSame($sent[0], $sent[1]);
        self::assertSame(basename($this->file), $sent[0]['filename']);
    }

    public function testWhatIsNoMediaIsToldWithWhatToWrite(): void
    {
        $wa = $this->sandbox->client();
        $binary = "\x89PNG\xff";
        $stream = fopen($this->file, 'rb');
        $memory = fopen('php://memory', 'r+b');
        foreach ([
            [$binary, 'got a string that is not UTF-8: write Media::bytes($data)'],
            [$stream, 'got resource (stream): write Media::file($path)'],
            [$memory, 'got resource (stream): write Media::bytes(stream_get_contents($stream))'],
            [new \SplFileObject($this->file), 'write Media::file(path)'],
            ['invoice.pdf', 'write Media::file(path)'],
            [Media::file(null), 'Media::file needs the path of a file, got nothing'],
            [Media::file(''), 'must not be empty: the path of a file'],
            [Media::bytes(null), 'Media::bytes needs bytes, got nothing'],
            [Media::id(null), 'id must be the id of an upload as text, got nothing'],
        ] as [$wrong, $told]) {
            $error = self::thrown(ValidationError::class, static fn () => $wa->sendDocument(self::TO, $wrong));
            self::assertStringContainsString($told, $error->getMessage());
            self::assertStringContainsString($told, $error->violations[0]->message);
        }
        $bytes = self::thrown(ValidationError::class, static fn () => $wa->media->upload($binary));
        self::assertStringContainsString('write Media::bytes($data)', $bytes->getMessage());
        $progress = self::thrown(ValidationError::class, fn () => $wa->media->upload($this->file, progress: 5));
        self::assertStringContainsString('progress: must be a function, got the number 5', $progress->getMessage());
        self::assertSame([], $this->sandbox->requests());
    }

    public function testAnUploadStandsForItsIdAndAFileForItsPath(): void
    {
        $wa = $this->sandbox->client();
        $uploaded = $wa->media->upload($this->file);
        $wa->sendDocument(self::TO, $uploaded);
        $wa->sendDocument(self::TO, Media::id($uploaded));
        $wa->sendDocument(self::TO, Media::file(new \SplFileInfo($this->file)));
        foreach (array_slice($this->sandbox->messages(), 0, 2) as $message) {
            self::assertSame($uploaded->id, $message['payload']['document']['id']);
        }
        $copy = new \SplFileInfo($this->file . '.copy');
        self::assertSame($copy->getPathname(), $wa->media->download($uploaded->id, path: $copy)->path);
        unlink($copy->getPathname());
    }

    public function testMistakesInACallAreToldByTheNamesOfItsArguments(): void
    {
        $wa = $this->sandbox->client();
        foreach ([
            'mediaId' => static fn () => $wa->media->get('abc'),
            'generateQrImage' => static fn () => $wa->qrCodes->create('Hi', generateQrImage: 'GIF'),
            // Below an argument everything has Graph's names here.
            'components[0].example.body_text' => static fn () => $wa->templates->create('a', 'en', 'UTILITY', [
                ['type' => 'BODY', 'text' => 'Hi {{1}}, it is here.'],
            ]),
            'messageId' => static fn () => $wa->markRead(5),
        ] as $path => $call) {
            $error = self::thrown(ValidationError::class, $call);
            self::assertSame($path, $error->violations[0]->path);
            self::assertStringContainsString("{$path}: ", $error->getMessage());
        }
    }

    public function testABulkOfFilesOfWhichNobodyElseKeepsHold(): void
    {
        $messages = (function (): iterable {
            for ($n = 0; $n < 150; $n++) {
                yield Message::document(sprintf('+1555%07d', $n), Media::bytes($this->bytes . $n % 3));
            }
        })();
        foreach ($this->sandbox->client()->sendBulk($messages) as $result) {
            self::assertSame('accepted', $result->outcome, (string) $result->error?->getMessage());
        }
        self::assertSame(3, $this->uploads());
    }

    public function testTextNeverReadsAFile(): void
    {
        $wa = $this->sandbox->client();
        foreach ([$this->file, ['file' => $this->file], ['path' => $this->file], ['upload' => str_repeat('0', 32)]] as $wrong) {
            try {
                $wa->sendDocument(self::TO, $wrong);
                self::fail('it was sent');
            } catch (ValidationError $error) {
                self::assertSame('document', $error->violations[0]->path);
            }
        }
        $shown = Message::document(self::TO, Media::file($this->file))->payload();
        self::assertSame(['file' => $this->file], $shown['document']);
        self::assertSame([], $this->sandbox->requests());
    }

    public function testWhatIsWrongWithAFileIsToldBeforeAnythingLeaves(): void
    {
        $wa = $this->sandbox->client();
        $wrong = [
            'there is no file' => Media::file('/is/not/there.png'),
            'is a directory' => Media::file(sys_get_temp_dir()),
            'cannot be sent as image' => Media::bytes($this->bytes),
        ];
        foreach ($wrong as $said => $media) {
            try {
                $wa->sendImage(self::TO, $media);
                self::fail('it was sent');
            } catch (ValidationError $error) {
                self::assertStringContainsString($said, $error->getMessage());
            }
        }
        self::assertSame([], $this->sandbox->requests());
    }

    public function testUploadsFromEverythingThatHasBytes(): void
    {
        $wa = $this->sandbox->client();
        $before = glob(sys_get_temp_dir() . '/wacloud-*');
        $memory = fopen('php://memory', 'w+b');
        fwrite($memory, $this->bytes);
        rewind($memory);
        $sources = [$this->file, new \SplFileInfo($this->file), fopen($this->file, 'rb'), $memory, Media::bytes($this->bytes)];
        foreach ($sources as $source) {
            self::assertNotSame('', $wa->media->upload($source)->id);
        }
        $told = array_map(static fn (array $request): array => $request['body']['file'], $this->sandbox->requests());
        $name = basename($this->file);
        self::assertSame([$name, $name, $name, 'file', 'file'], array_column($told, 'filename'));
        self::assertSame([strlen($this->bytes)], array_values(array_unique(array_column($told, 'bytes'))));
        foreach ([5, null, [], new \stdClass()] as $wrong) {
            try {
                $wa->media->upload($wrong);
                self::fail('it was uploaded');
            } catch (ValidationError $error) {
                self::assertSame('file', $error->violations[0]->path);
            }
        }
        self::assertSame($before, glob(sys_get_temp_dir() . '/wacloud-*'));
    }

    public function testHandlesForEverythingThatHasBytes(): void
    {
        $wa = $this->sandbox->client();
        $told = [];
        $progress = function (UploadProgress $now) use (&$told): void {
            $told[] = $now->sentBytes;
        };
        foreach ([$this->file, new \SplFileInfo($this->file), fopen($this->file, 'rb'), Media::bytes($this->bytes)] as $source) {
            self::assertStringStartsWith('4:', $wa->media->uploadHandle($source, progress: $progress)->handle);
        }
        self::assertSame(strlen($this->bytes), end($told));
        $sent = array_filter($this->sandbox->requests(), static fn (array $one): bool => str_contains($one['path'], '/upload:'));
        $lengths = array_map(static fn (array $one): int => $one['body']['bytes'], $sent);
        self::assertSame(array_fill(0, 4, strlen($this->bytes)), array_values($lengths));
    }

    public function testProgressIsTold(): void
    {
        $told = [];
        $long = Media::bytes($this->bytes . str_repeat('x', 3_000_000));
        $this->sandbox->client()->media->upload($long, progress: function (UploadProgress $now) use (&$told): void {
            $told[] = $now->sentBytes;
        });
        $sorted = $told;
        sort($sorted);
        self::assertSame($sorted, $told);
        self::assertSame(strlen($this->bytes) + 3_000_000, end($told));
    }

    public function testWhatWasUploadedComesBack(): void
    {
        $wa = $this->sandbox->client();
        $bytes = $this->bytes . "\xff\x00";
        $id = $wa->media->upload(Media::bytes($bytes))->id;
        $info = $wa->media->get($id);
        self::assertSame(['application/pdf', strlen($bytes)], [$info->mimeType, $info->fileSize]);
        $downloaded = $wa->media->download($id);
        self::assertSame([$bytes, $info->sha256], [$downloaded->data, $downloaded->sha256]);
        $wa->media->download($id, path: $this->file);
        self::assertSame($bytes, file_get_contents($this->file));
        self::assertTrue($wa->media->delete($id)->success);
    }

    public function testAFailedUploadLeavesItsMessageUnsent(): void
    {
        $this->sandbox->fault(['kind' => 'reset_after', 'path' => '/media']);
        try {
            $this->sandbox->client(maxRetries: 0)->sendDocument(self::TO, Media::bytes($this->bytes));
            self::fail('it was sent');
        } catch (NotSentError $error) {
            self::assertStringContainsString('could not be uploaded', $error->getMessage());
        }
        self::assertSame([], $this->sandbox->messages());
    }
}
