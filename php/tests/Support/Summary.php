<?php

declare(strict_types=1);

namespace WaCloud\Tests\Support;

use PHPUnit\Runner\AfterIncompleteTestHook;
use PHPUnit\Runner\AfterLastTestHook;
use PHPUnit\Runner\AfterRiskyTestHook;
use PHPUnit\Runner\AfterSkippedTestHook;
use PHPUnit\Runner\AfterSuccessfulTestHook;
use PHPUnit\Runner\AfterTestErrorHook;
use PHPUnit\Runner\AfterTestFailureHook;
use PHPUnit\Runner\AfterTestWarningHook;
use WaCloud\Tests\VectorsTest;

/** Counts the tests for the table that `make test` ends with. */
final class Summary implements
    AfterSuccessfulTestHook,
    AfterTestErrorHook,
    AfterTestFailureHook,
    AfterTestWarningHook,
    AfterRiskyTestHook,
    AfterIncompleteTestHook,
    AfterSkippedTestHook,
    AfterLastTestHook
{
    private int $passed = 0;

    private int $failed = 0;

    private int $skipped = 0;

    public function executeAfterSuccessfulTest(string $test, float $time): void
    {
        $this->passed++;
    }

    public function executeAfterTestError(string $test, string $message, float $time): void
    {
        $this->failed++;
    }

    public function executeAfterTestFailure(string $test, string $message, float $time): void
    {
        $this->failed++;
    }

    public function executeAfterTestWarning(string $test, string $message, float $time): void
    {
        $this->failed++;
    }

    public function executeAfterRiskyTest(string $test, string $message, float $time): void
    {
        $this->failed++;
    }

    public function executeAfterIncompleteTest(string $test, string $message, float $time): void
    {
        $this->failed++;
    }

    public function executeAfterSkippedTest(string $test, string $message, float $time): void
    {
        $this->skipped++;
        fwrite(STDERR, "skipped: {$test}: {$message}\n");
    }

    public function executeAfterLastTest(): void
    {
        $folder = dirname(__DIR__, 3) . '/target/test-summary';
        if (!is_dir($folder)) {
            mkdir($folder, recursive: true);
        }
        $summary = [
            'suite' => 'php',
            'vectors' => VectorsTest::$ran,
            'passed' => $this->passed,
            'failed' => $this->failed,
            'skipped' => $this->skipped,
        ];
        file_put_contents("{$folder}/php.json", json_encode($summary) . "\n");
    }
}
