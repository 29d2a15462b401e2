//! How Rust programs make an operation: its required arguments at once, the others by name.

/// Writes `new` for the required arguments and a method for each optional one.
macro_rules! builder {
    ($operation:ident { $($required:ident: $type:ty),* ; $($optional:ident: $value:ty),* $(,)? }) => {
        impl $operation {
            /// The call with its required arguments.
            #[allow(clippy::new_without_default, reason = "those without arguments derive it where it is of use")]
            pub fn new($($required: impl Into<$type>),*) -> Self {
                $operation { $($required: $required.into(),)* $($optional: None,)* }
            }

            $(
                #[doc = concat!("Sets [`", stringify!($optional), "`](Self#structfield.", stringify!($optional), ").")]
                #[must_use]
                pub fn $optional(mut self, $optional: impl Into<$value>) -> Self {
                    self.$optional = Some($optional.into());
                    self
                }
            )*
        }
    };
}
