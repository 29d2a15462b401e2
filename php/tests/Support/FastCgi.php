<?php

declare(strict_types=1);

namespace WaCloud\Tests\Support;

/** As much of FastCGI 1.0 as it takes to ask php-fpm for one page (specification, §3.3 and §3.4). */
final class FastCgi
{
    private const BEGIN_REQUEST = 1;

    private const END_REQUEST = 3;

    private const PARAMS = 4;

    private const STDIN = 5;

    private const STDOUT = 6;

    /**
     * The body of the answer.
     *
     * @param array<string, string> $variables What the script finds in `$_SERVER`.
     */
    public static function get(string $socket, string $script, array $variables): string
    {
        $variables += ['SCRIPT_FILENAME' => $script, 'REQUEST_METHOD' => 'GET'];
        $pairs = '';
        foreach ($variables as $name => $value) {
            // Lengths of up to 127 bytes would fit into one byte; four always do.
            $pairs .= pack('NN', strlen($name) | 0x80000000, strlen($value) | 0x80000000) . $name . $value;
        }
        $connection = stream_socket_client("unix://{$socket}", timeout: 10);
        stream_set_timeout($connection, 30);
        // Role 1 answers a request; no flag: the connection ends with it.
        fwrite($connection, self::record(self::BEGIN_REQUEST, pack('nCx5', 1, 0)));
        fwrite($connection, self::record(self::PARAMS, $pairs) . self::record(self::PARAMS, ''));
        fwrite($connection, self::record(self::STDIN, ''));
        $answer = '';
        do {
            ['type' => $type, 'length' => $length, 'padding' => $padding] = unpack(
                'Cversion/Ctype/nid/nlength/Cpadding/x',
                (string) stream_get_contents($connection, 8),
            );
            $content = $length > 0 ? stream_get_contents($connection, $length) : '';
            $padding > 0 && stream_get_contents($connection, $padding);
            $answer .= $type === self::STDOUT ? $content : '';
        } while ($type !== self::END_REQUEST);

        return explode("\r\n\r\n", $answer, 2)[1] ?? $answer;
    }

    private static function record(int $type, string $content): string
    {
        return pack('CCnnCx', 1, $type, 1, strlen($content), 0) . $content;
    }
}
