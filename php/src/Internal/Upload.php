<?php

declare(strict_types=1);

namespace WaCloud\Internal;

use WaCloud\Media;
use WaCloud\UploadProgress;

/**
 * The file of one call that uploads: whatever a caller has, as something that core can read.
 *
 * A stream is read into a temporary file first, a piece at a time: core needs to know how long a file is, may have to send
 * it twice, and must not hold it in memory.
 *
 * @internal
 */
final class Upload
{
    /** The calls whose file may be anything that bytes come from. */
    public const OPERATIONS = ['media.upload', 'media.upload_handle'];

    /** Nothing longer can be uploaded; core says so when it sees the file. */
    private const MOST_BYTES = 100 * 1024 * 1024;

    private ?string $temporary = null;

    private ?\Closure $progress = null;

    /** @param array<string, mixed> $params In core's names. */
    public function __construct(public array $params)
    {
        $progress = $params['progress'] ?? null;
        if (is_callable($progress) && !is_string($progress)) {
            $this->progress = $progress(...);
            unset($this->params['progress']);
        }
        $file = $params['file'] ?? null;
        if ($file instanceof \SplFileInfo) {
            $this->params['file'] = Media::file($file->getPathname());
        } elseif (is_resource($file) && get_resource_type($file) === 'stream') {
            $this->spool($file);
        }
    }

    /**
     * @param array<string, mixed> $options
     *
     * @return array<string, mixed>
     */
    public function options(array $options): array
    {
        return $this->progress === null ? $options : ['progress' => true] + $options;
    }

    /** @param array<string, mixed> $told Calls the caller's function when there is something to tell. */
    public function tell(array $told): void
    {
        if ($this->progress !== null && isset($told['progress'])) {
            ($this->progress)(UploadProgress::fromCore($told['progress']));
        }
    }

    /** Removes what was made for the call. */
    public function __destruct()
    {
        if ($this->temporary !== null) {
            @unlink($this->temporary);
        }
    }

    /** @param resource $stream */
    private function spool($stream): void
    {
        $path = tempnam(sys_get_temp_dir(), 'wacloud-');
        $target = $path === false ? false : fopen($path, 'wb');
        if ($target === false) {
            $this->params['file'] = Json::mark('a stream for which no temporary file could be made');

            return;
        }
        $this->temporary = $path;
        // One byte more than can be uploaded tells core that there is more.
        stream_copy_to_stream($stream, $target, self::MOST_BYTES + 1);
        fclose($target);
        $from = stream_get_meta_data($stream);
        $isFile = ($from['wrapper_type'] ?? '') === 'plainfile' && isset($from['uri']);
        $this->params['filename'] ??= $isFile ? basename($from['uri']) : 'file';
        $this->params['file'] = Media::file($path);
    }
}
