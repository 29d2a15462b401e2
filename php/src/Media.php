<?php

declare(strict_types=1);

namespace WaCloud;

use WaCloud\Internal\Held;

/**
 * An image, a document …: a link that Meta fetches, the id of an upload, or a file that is uploaded when the message is sent.
 *
 * Plain text does as well: `https://…` is a link, digits are a media id. Anything else is refused, because text from
 * outside must never read a file.
 *
 * A file is uploaded once, however many people it is sent to: its id is kept for 29 days, by content and number, in this
 * process or in the file of the setting `mediaCache`, which the workers of php-fpm can share.
 */
final readonly class Media implements \JsonSerializable
{
    /** @param array<string, mixed>|Held $core */
    private function __construct(private array|Held $core)
    {
    }

    /**
     * A link that Meta fetches when the message is sent.
     *
     * @param string $url The link. Something else is told where it is sent, with everything else that is wrong.
     */
    public static function link(mixed $url): self
    {
        return new self(['link' => $url]);
    }

    /**
     * The id of an upload (valid for 30 days) or of received media (7 days).
     *
     * @param string|UploadedMedia $mediaId The id.
     */
    public static function id(mixed $mediaId): self
    {
        return new self(['id' => $mediaId]);
    }

    /**
     * A file of this machine. Its type, told by its content and its name, and its size are checked when the message is sent.
     *
     * @param string|\SplFileInfo $path Where it is. Never take it from a message.
     * @param string|null $filename The name that it goes under. Its own unless given.
     * @param string|null $mimeType Its type, where content and name do not tell it.
     */
    public static function file(mixed $path, ?string $filename = null, ?string $mimeType = null): self
    {
        if ($path instanceof \SplFileInfo) {
            $path = $path->getPathname();
        }
        if (!is_string($path)) {
            return new self(['file' => $path]);
        }

        return new self(new Held(['path' => $path, 'filename' => $filename, 'mime_type' => $mimeType]));
    }

    /**
     * Bytes, uploaded like a file. They are copied once, however many messages they are in.
     *
     * @param string $data The bytes.
     * @param string|null $filename The name that they go under.
     * @param string|null $mimeType Their type, where their content does not tell it.
     */
    public static function bytes(mixed $data, ?string $filename = null, ?string $mimeType = null): self
    {
        if (!is_string($data)) {
            return new self(['bytes' => $data]);
        }

        return new self(new Held(['filename' => $filename, 'mime_type' => $mimeType], $data));
    }

    /** @return array<string, mixed> */
    public function jsonSerialize(): array
    {
        return $this->core instanceof Held ? ['upload' => $this->core->name] : $this->core;
    }
}
