<?php

declare(strict_types=1);

namespace WaCloud\Tests;

use WaCloud\Exception\ConfigError;
use WaCloud\Exception\NotSentError;
use WaCloud\Exception\RateLimitError;
use WaCloud\Tests\Support\SandboxTestCase;

final class PaceTest extends SandboxTestCase
{
    public function testWhatIsGoingOn(): void
    {
        $paceDir = sys_get_temp_dir() . '/wacloud-' . bin2hex(random_bytes(8));
        $client = $this->sandbox->client(pace: 'host', paceDir: $paceDir);
        $this->sandbox->fault(['kind' => 'graph_error', 'code' => 130429]);
        $client->sendText(self::TO, 'Hello');
        $pace = $client->pace();

        self::assertSame(['host', 80.0, 0, 1, 130429], [
            $pace->store, $pace->rate, $pace->waiting, $pace->refused, $pace->lastCode,
        ]);
        self::assertLessThan(0.97 * $pace->rate, $pace->currentRate);
        $other = $this->sandbox->client(pace: 'host', paceDir: $paceDir, maxRetries: 1);
        self::assertSame(1, $other->pace()->refused);
        array_map(unlink(...), glob($paceDir . '/*'));
        rmdir($paceDir);
    }

    public function testWhoIsHeldBackLearnsForHowLong(): void
    {
        $client = $this->sandbox->client(maxWait: 1.0);
        // Somebody to whom no other test writes: the hold outlasts this one.
        $send = static fn () => $client->sendText('+15550131056', 'Hello');
        $this->sandbox->fault(['kind' => 'graph_error', 'code' => 131056, 'retry_after_s' => 60]);
        self::assertSame(60.0, self::thrown(RateLimitError::class, $send)->retryAfter);
        $error = self::thrown(NotSentError::class, $send);
        self::assertSame('max_wait', $error->reason);
        self::assertGreaterThanOrEqual(40, $error->retryAfter);
        self::assertLessThanOrEqual(60, $error->retryAfter);
    }

    public function testMistakesInSettingsOfThePace(): void
    {
        $wrong = [
            'rate' => ['rate', 'fast'],
            'pairRate' => ['pairRate', -1],
            'pace' => ['pace', 'nowhere'],
            'paceDir' => ['paceDir', 'relative'],
        ];
        foreach ($wrong as $name => [$setting, $value]) {
            try {
                $this->sandbox->client(...[$name => $value]);
                self::fail("{$name} was taken");
            } catch (ConfigError $error) {
                self::assertSame($setting, $error->setting);
            }
        }
    }
}
