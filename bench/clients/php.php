<?php

// The PHP contenders of bench/clients.py: `php.php NAME` sends and prints what it cost.

declare(strict_types=1);

use WaCloud\Message;
use WaCloud\WhatsAppClient;

const PHONE_NUMBER_ID = '106540352242922';
const TEXT = 'The shop opens at nine';
const IN_FLIGHT = 32;

define('URL', getenv('BENCH_URL'));
define('TOKEN', 'EAAG' . str_repeat('bench', 18));

function to(int $n): string
{
    return sprintf('+1212%07d', $n);
}

function body(int $n): string
{
    return json_encode(
        ['messaging_product' => 'whatsapp', 'to' => to($n), 'type' => 'text', 'text' => ['body' => TEXT]],
        JSON_THROW_ON_ERROR,
    );
}

function cpu_us(): int
{
    $usage = getrusage();

    return ($usage['ru_utime.tv_sec'] + $usage['ru_stime.tv_sec']) * 1_000_000
        + $usage['ru_utime.tv_usec'] + $usage['ru_stime.tv_usec'];
}

/** The first and last message of the warm-up, then of what is measured; prints what the latter cost. */
function laps(): Generator
{
    $warmUp = (int) getenv('BENCH_WARM_UP');
    $messages = (int) getenv('BENCH_MESSAGES');
    yield [0, $warmUp];
    $used = cpu_us();
    $began = hrtime(true);
    yield [$warmUp, $warmUp + $messages];
    $seconds = (hrtime(true) - $began) / 1e9;
    echo json_encode(['cpu_us' => cpu_us() - $used, 'seconds' => $seconds]), "\n";
}

function check(?string $id): void
{
    $id ?: throw new RuntimeException('there is no id');
}

function client(): WhatsAppClient
{
    return new WhatsAppClient(PHONE_NUMBER_ID, TOKEN, baseUrl: URL, rate: 0, pairRate: 0);
}

function handle(): CurlHandle
{
    $handle = curl_init(URL . '/v25.0/' . PHONE_NUMBER_ID . '/messages');
    curl_setopt_array($handle, [
        CURLOPT_RETURNTRANSFER => true,
        CURLOPT_HTTPHEADER => ['Authorization: Bearer ' . TOKEN, 'Content-Type: application/json'],
    ]);

    return $handle;
}

function id_of(?string $answer): string
{
    return json_decode((string) $answer, true, flags: JSON_THROW_ON_ERROR)['messages'][0]['id'];
}

$contenders = [
    'wacloud-loop' => static function (): void {
        $wa = client();
        foreach (laps() as [$first, $end]) {
            for ($n = $first; $n < $end; $n++) {
                check($wa->sendText(to($n), TEXT)->id);
            }
        }
    },

    'wacloud-bulk' => static function (): void {
        $wa = client();
        foreach (laps() as [$first, $end]) {
            $messages = (static function () use ($first, $end) {
                for ($n = $first; $n < $end; $n++) {
                    yield Message::text(to($n), TEXT);
                }
            })();
            foreach ($wa->sendBulk($messages, window: (int) (getenv('BENCH_WINDOW') ?: IN_FLIGHT), journal: getenv('BENCH_JOURNAL') ?: null) as $result) {
                check($result->sent?->id);
            }
        }
    },

    'curl' => static function (): void {
        $handle = handle();
        foreach (laps() as [$first, $end]) {
            for ($n = $first; $n < $end; $n++) {
                curl_setopt($handle, CURLOPT_POSTFIELDS, body($n));
                check(id_of(curl_exec($handle)));
            }
        }
    },

    'curl_multi' => static function (): void {
        $multi = curl_multi_init();
        curl_multi_setopt($multi, CURLMOPT_MAXCONNECTS, IN_FLIGHT);
        $idle = array_map(static fn (): CurlHandle => handle(), range(1, IN_FLIGHT));
        foreach (laps() as [$next, $end]) {
            while ($next < $end || count($idle) < IN_FLIGHT) {
                while ($idle !== [] && $next < $end) {
                    $handle = array_pop($idle);
                    curl_setopt($handle, CURLOPT_POSTFIELDS, body($next++));
                    curl_multi_add_handle($multi, $handle);
                }
                curl_multi_exec($multi, $running);
                $before = count($idle);
                while ($done = curl_multi_info_read($multi)) {
                    check(id_of(curl_multi_getcontent($done['handle'])));
                    curl_multi_remove_handle($multi, $done['handle']);
                    $idle[] = $done['handle'];
                }
                if (count($idle) === $before) {
                    curl_multi_select($multi);
                }
            }
        }
    },
];

$contenders[$argv[1]]();
