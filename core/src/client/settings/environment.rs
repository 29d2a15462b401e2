//! Settings that come from the environment, and what is told where it has none.

use super::Settings;
use crate::error::{Error, Result};

/// The settings without which there is no client, and the variables that they come from.
const NEEDED: [(&str, &str); 2] = [("phone_number_id", "WA_PHONE_ID"), ("access_token", "WA_TOKEN")];

/// Where those are to be had, and how to do without. Source: Meta's pages "Get Started" and "Access Tokens" of the Cloud API.
const WHERE: &str = "Meta's app dashboard, under WhatsApp > API Setup, shows the phone number id and makes a token that lasts \
                     some hours; in production use the token of a system user. `wacloud sandbox` needs no account, and \
                     prints what to set";

impl Settings {
    /// `WA_PHONE_ID` and `WA_TOKEN`, and `WA_BUSINESS_ACCOUNT_ID`, `WA_BASE_URL` and `WA_API_VERSION` where they are set.
    ///
    /// # Errors
    /// [`Error::Config`] that names all variables that are missing, and says where their values are to be had.
    pub fn from_env() -> Result<Self> {
        Settings::from_variables(|name| std::env::var(name).ok())
    }

    fn from_variables(variable: impl Fn(&str) -> Option<String>) -> Result<Self> {
        let variable = |name: &str| variable(name).filter(|value| !value.is_empty());
        let (phone_number_id, access_token) = match NEEDED.map(|(_, name)| variable(name)) {
            [Some(phone_number_id), Some(access_token)] => (phone_number_id, access_token),
            found => {
                let missing = NEEDED.iter().zip(found).filter(|(_, found)| found.is_none());
                return Err(Settings::missing(&missing.map(|((setting, _), _)| *setting).collect::<Vec<_>>()));
            }
        };
        let mut settings = Settings::new(phone_number_id, access_token);
        settings.business_account_id = variable("WA_BUSINESS_ACCOUNT_ID");
        settings.base_url = variable("WA_BASE_URL");
        settings.api_version = variable("WA_API_VERSION");
        Ok(settings)
    }

    /// What is told where these settings (`phone_number_id`, `access_token`) are neither given nor in the environment.
    #[doc(hidden)]
    pub fn missing(settings: &[&str]) -> Error {
        let missing: Vec<_> = NEEDED.iter().filter(|(setting, _)| settings.contains(setting)).collect();
        let variables: Vec<&str> = missing.iter().map(|(_, variable)| *variable).collect();
        let (variables, are) = match variables.as_slice() {
            [one] => (format!("variable {one}"), "is"),
            several => (format!("variables {}", several.join(" and ")), "are"),
        };
        let first = missing.first().map_or("settings", |(setting, _)| *setting);
        // The sentence gets its full stop with the rest of the error.
        Error::config(first, format!("the environment {variables} {are} not set. {WHERE}"))
    }

    /// Where a phone number id and a token are to be had: a sentence without its full stop.
    #[doc(hidden)]
    pub fn where_to_get_them() -> &'static str {
        WHERE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(variables: &[(&str, &str)]) -> Result<Settings> {
        let of = |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        Settings::from_variables(of)
    }

    #[test]
    fn all_that_is_missing_is_told_at_once_with_where_to_get_it() {
        let told = |variables: &[(&str, &str)]| with(variables).unwrap_err().to_string();
        let both = told(&[("WA_PHONE_ID", ""), ("WA_BASE_URL", "http://localhost:1")]);
        assert!(
            both.starts_with(
                "phone_number_id: the environment variables WA_PHONE_ID and WA_TOKEN are not set. Meta's app"
            ),
            "{both}"
        );
        assert!(
            both.ends_with("`wacloud sandbox` needs no account, and prints what to set. Nothing was sent."),
            "{both}"
        );
        let token = told(&[("WA_PHONE_ID", "1")]);
        assert!(token.starts_with("access_token: the environment variable WA_TOKEN is not set. Meta's app"), "{token}");
        assert!(token.contains("API Setup") && token.contains("system user"), "{token}");
        let number = told(&[("WA_TOKEN", "t")]);
        assert!(number.starts_with("phone_number_id: the environment variable WA_PHONE_ID is not set. "), "{number}");
    }

    #[test]
    fn what_is_there_is_taken() {
        let settings = with(&[
            ("WA_PHONE_ID", "1"),
            ("WA_TOKEN", "t"),
            ("WA_BUSINESS_ACCOUNT_ID", "2"),
            ("WA_BASE_URL", "http://localhost:1"),
            ("WA_API_VERSION", ""),
        ])
        .unwrap();
        assert_eq!((settings.phone_number_id.as_str(), settings.access_token.unwrap().expose()), ("1", "t"));
        assert_eq!(settings.business_account_id.as_deref(), Some("2"));
        assert_eq!((settings.base_url.as_deref(), settings.api_version), (Some("http://localhost:1"), None));
    }
}
