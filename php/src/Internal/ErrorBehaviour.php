<?php

declare(strict_types=1);

namespace WaCloud\Internal;

/**
 * What all exceptions of this package do, besides what the generator writes into them.
 *
 * @internal
 */
trait ErrorBehaviour
{
    /** Its class, message and properties, for logs. */
    public function jsonSerialize(): array
    {
        $properties = get_object_vars($this);
        unset($properties['message'], $properties['code'], $properties['file'], $properties['line']);
        $class = (new \ReflectionClass($this))->getShortName();

        return ['type' => $class, 'message' => $this->getMessage(), 'code' => $this->getCode()] + $properties;
    }

    /** Makes the file and line those of the call into this package: its own are of no use to whoever reads the log. */
    private function pointAtCaller(): void
    {
        $package = dirname(__DIR__, 2);
        foreach (debug_backtrace(DEBUG_BACKTRACE_IGNORE_ARGS) as $frame) {
            $file = $frame['file'] ?? '';
            $isOurs = str_starts_with($file, "{$package}/src/") || str_starts_with($file, "{$package}/generated/");
            if ($file !== '' && !$isOurs) {
                [$this->file, $this->line] = [$file, $frame['line']];

                return;
            }
        }
    }
}
